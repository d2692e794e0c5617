// What was begun and not sent, per ticket, as long as this tab lives.
import { signal } from "@preact/signals";

const PREFIX = "balcao:draft:";

/** Draft texts by ticket. */
export const drafts = signal<ReadonlyMap<string, string>>(stored());

function stored(): Map<string, string> {
  const found = new Map<string, string>();
  try {
    for (let i = 0; i < sessionStorage.length; i++) {
      const key = sessionStorage.key(i)!;
      if (key.startsWith(PREFIX)) found.set(key.slice(PREFIX.length), sessionStorage.getItem(key) ?? "");
    }
  } catch {
    // storage may be switched off; drafts then live as long as the page
  }
  return found;
}

export function keepDraft(ticketId: string, text: string): void {
  const known = drafts.peek().get(ticketId) ?? "";
  if (known === text) return;
  const next = new Map(drafts.peek());
  if (text.trim()) next.set(ticketId, text);
  else next.delete(ticketId);
  drafts.value = next;
  try {
    if (next.has(ticketId)) sessionStorage.setItem(PREFIX + ticketId, text);
    else sessionStorage.removeItem(PREFIX + ticketId);
  } catch {
    // full or switched off: the copy in memory is what remains
  }
}
