// Where new messages begin.
import type { Message } from "../../api/shapes";

/** The oldest of the last `unread` messages of the customer; null when there are not that many. */
export function firstUnread(messages: readonly Message[], unread: number): Message | null {
  let left = unread;
  for (let i = messages.length - 1; i >= 0 && left > 0; i--) {
    const message = messages[i]!;
    if (message.direction === "in" && --left === 0) return message;
  }
  return null;
}
