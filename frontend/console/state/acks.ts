// How far a message has come. Ticks arrive out of order; they only ever rise.
import type { Ack, LastMessage, Message } from "../../api/shapes";

const RANK: Record<Ack, number> = {
  pending: 0,
  unconfirmed: 0,
  failed: 0,
  sent: 1,
  delivered: 2,
  read: 3,
  played: 4,
};

/** The further of two. WhatsApp may still refuse what it took (sent → failed), but what reached
 * the phone has not failed. */
export function furthest(known: Ack | null, told: Ack | null): Ack | null {
  if (!known || !told) return told;
  if (told === "failed" && RANK[known] <= RANK.sent) return told;
  return RANK[told] < RANK[known] ? known : told;
}

export function newerMessage(known: Message, told: Message): Message {
  if (told.version <= known.version) return known;
  const ack = furthest(known.ack, told.ack);
  return ack === told.ack ? told : { ...told, ack };
}

/** The preview's tick follows the same rule as long as it speaks of the same message. */
export function newerPreview(known: LastMessage | null, told: LastMessage | null): LastMessage | null {
  if (!known || !told || known.id !== told.id) return told;
  const ack = furthest(known.ack, told.ack);
  return ack === told.ack ? told : { ...told, ack };
}
