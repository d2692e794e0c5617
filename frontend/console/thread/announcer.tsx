// Tells screen readers of the customer's new messages, and of nothing else.
import { effect, signal } from "@preact/signals";
import type { Message } from "../../api/shapes";
import { contactName } from "../../format/contact";
import { firstName } from "../../format/person";
import { preview } from "../list/preview";
import { clock, openThread, openTicket } from "../desk";
import { inOrder } from "../state/threads";

const LOOKED_AT = 20;
const said = signal("");

/** Messages that came after the thread was first shown. */
export function watchNews(): void {
  let ticketId: string | null = null;
  let newest: Message | null = null;
  effect(() => {
    const thread = openThread.value;
    const ticket = openTicket.value;
    if (!thread || thread.phase !== "ready" || !ticket) {
      ticketId = null;
      return;
    }
    const last = thread.messages[thread.messages.length - 1] ?? null;
    const before = newest;
    const isKnown = ticketId === ticket.id;
    ticketId = ticket.id;
    newest = last;
    if (!isKnown || !last) return;
    const isNews = (m: Message) => m.direction === "in" && (!before || inOrder(before, m) < 0);
    const news = thread.messages.slice(-LOOKED_AT).filter(isNews);
    if (!news.length) return;
    said.value = news
      .slice(-3)
      .map((m) => `${firstName(contactName(ticket.contact))}, ${clock.time(m.sent_at)}: ${preview(m).text}`)
      .join("\n");
  });
}

export function Announcer() {
  return (
    <div class="sr-only" aria-live="polite" aria-atomic="true">
      {said.value}
    </div>
  );
}
