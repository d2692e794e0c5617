// How far a message of ours has come, as a mark with words for those who do not see it.
import type { Ack } from "../api/shapes";
import { type Key, t } from "../locales";
import { Icon, icons } from "./icon";

const MARKS: Record<Ack, { icon: string; tone: string; word: Key }> = {
  pending: { icon: icons.clock, tone: "", word: "ack.pending" },
  sent: { icon: icons.check, tone: "", word: "ack.sent" },
  delivered: { icon: icons.checkCheck, tone: "", word: "ack.delivered" },
  read: { icon: icons.checkCheck, tone: "tick-read", word: "ack.read" },
  played: { icon: icons.mic, tone: "tick-read", word: "ack.played" },
  failed: { icon: icons.alert, tone: "text-error", word: "ack.failed" },
  unconfirmed: { icon: icons.help, tone: "text-warning", word: "ack.unconfirmed" },
};

export function Ticks({ ack }: { ack: Ack }) {
  const { icon, tone, word } = MARKS[ack];
  return (
    <span class={`ticks ${tone}`} title={t(word)}>
      <Icon of={icon} />
      <span class="sr-only">{t(word)}</span>
    </span>
  );
}
