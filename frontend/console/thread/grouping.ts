// A thread as people read it: days, where the new ones begin, entries, and bubbles in groups.
import type { Message } from "../../api/shapes";
import type { Local } from "../state/shape";

/** A message on the screen; `local` while it is ours and the server has not answered for it. */
export interface Bubble {
  key: string;
  message: Message;
  local: Local | null;
}

export type Item =
  | { kind: "day"; key: string; at: string }
  | { kind: "unread"; key: string; count: number }
  | { kind: "entry"; key: string; message: Message }
  | {
      kind: "group";
      key: string;
      bubbles: readonly Bubble[];
      /** The group right above is of the same sender. */
      follows: boolean;
    };

type Group = Extract<Item, { kind: "group" }>;

export interface Grouping {
  dayKey(at: string): string;
  mark: { messageId: string; count: number } | null;
  /** The items of the time before: groups that did not change stay the same things. */
  before?: readonly Item[];
}

const bubbles = new WeakMap<Message, Bubble>();

/** The same message is the same bubble; an optimistic one keeps its key when it is answered. */
export function bubbleOf(message: Message): Bubble {
  let bubble = bubbles.get(message);
  if (!bubble) {
    bubble = { key: message.client_ref ?? message.id, message, local: null };
    bubbles.set(message, bubble);
  }
  return bubble;
}

export function grouped(all: readonly Bubble[], { dayKey, mark, before = [] }: Grouping): Item[] {
  const items: Item[] = [];
  const old = new Map(before.map((item) => [item.key, item]));
  let group: { key: string; bubbles: Bubble[] } | null = null;
  let day = "";

  const finish = () => {
    if (!group) return;
    const above = items[items.length - 1];
    const follows = above?.kind === "group" && isSameSender(above.bubbles[0]!, group.bubbles[0]!);
    const next: Group = { kind: "group", ...group, follows };
    items.push(same(old.get(group.key), next) ?? next);
    group = null;
  };

  for (const bubble of all) {
    const { message } = bubble;
    const today = dayKey(message.sent_at);
    if (today !== day) {
      finish();
      items.push({ kind: "day", key: `day-${today}`, at: message.sent_at });
      day = today;
    }
    if (mark && message.id === mark.messageId) {
      finish();
      items.push({ kind: "unread", key: "unread", count: mark.count });
    }
    if (message.kind === "entry") {
      finish();
      items.push({ kind: "entry", key: message.id, message });
      continue;
    }
    const last: Bubble | undefined = (group as Group | null)?.bubbles.at(-1);
    if (!last || !belongTogether(last, bubble)) {
      finish();
      group = { key: `group-${bubble.key}`, bubbles: [] };
    }
    group!.bubbles.push(bubble);
  }
  finish();
  return items;
}

export interface DaySection {
  key: string;
  items: readonly Item[];
}

/** The items of each day together, so that a day's label stays in sight only while its day does. */
export function byDay(items: readonly Item[]): DaySection[] {
  const days: { key: string; items: Item[] }[] = [];
  for (const item of items) {
    if (item.kind === "day" || !days.length) days.push({ key: item.key, items: [] });
    days[days.length - 1]!.items.push(item);
  }
  return days;
}

function same(known: Item | undefined, next: Group): Group | null {
  if (known?.kind !== "group" || known.follows !== next.follows) return null;
  if (known.bubbles.length !== next.bubbles.length) return null;
  return known.bubbles.every((bubble, i) => bubble === next.bubbles[i]) ? known : null;
}

/** Same sender in the same minute, and neither of them failed. */
function belongTogether(a: Bubble, b: Bubble): boolean {
  return (
    isSameSender(a, b) &&
    a.message.sent_at.slice(0, 16) === b.message.sent_at.slice(0, 16) &&
    a.message.ack !== "failed" &&
    b.message.ack !== "failed"
  );
}

function isSameSender({ message: a }: Bubble, { message: b }: Bubble): boolean {
  return a.direction === b.direction && a.author?.id === b.author?.id && a.origin === b.origin;
}
