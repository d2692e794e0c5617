// The open thread's items, recomputed when its messages change.
import { computed } from "@preact/signals";
import { clock, me, openThread } from "../desk";
import { unreadMark } from "../view";
import { bubbleOf, grouped, type Item } from "./grouping";
import { localBubble } from "./outbox";

let before: readonly Item[] = [];

export const items = computed<readonly Item[]>(() => {
  const thread = openThread.value;
  if (!thread) return (before = []);
  const all = [
    ...thread.messages.map(bubbleOf),
    ...thread.outbox.map((local) => localBubble(local, me.value)),
  ];
  before = grouped(all, { dayKey: clock.dayKey, mark: unreadMark.value, before });
  return before;
});
