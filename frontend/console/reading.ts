// Marks what I am looking at as read, and tells the window's title how much is not.
import { computed, effect, signal } from "@preact/signals";
import type { TicketRow } from "../api/shapes";
import { contactName } from "../format/contact";
import { t } from "../locales";
import { api, boot, change, isMine, openThread, openTicket, state } from "./desk";
import { putTicket } from "./state/tickets";

const PAUSE_MS = 400;

const isVisible = signal(document.visibilityState === "visible");
document.addEventListener("visibilitychange", () => {
  isVisible.value = document.visibilityState === "visible";
});

/** The open ticket's id and version when it has something unread that I am looking at. */
const unseen = computed(() => {
  const ticket = openTicket.value;
  const isRead = !isVisible.value || !isMine.value || openThread.value?.phase !== "ready";
  return isRead || !ticket?.unread ? null : ticket;
});

export function watchReading(): void {
  effect(() => {
    const ticket = unseen.value;
    if (!ticket) return;
    const timer = setTimeout(() => void markRead(ticket.id), PAUSE_MS);
    return () => clearTimeout(timer);
  });
}

async function markRead(id: string): Promise<void> {
  // A mark that did not get through is made again with the next message or the next visit.
  const row = await api.send<TicketRow>("POST", `tickets/${id}/read-mark/`).catch(() => null);
  if (row) change((s) => putTicket(s, row));
}

/** Messages nobody read in the tickets that are mine. */
const myUnread = computed(() => {
  const { tickets, me } = state.value;
  let sum = 0;
  for (const row of tickets.values()) {
    if (row.status === "in_service" && row.assignee?.id === me?.id) sum += row.unread;
  }
  return sum;
});

export function watchTitle(): void {
  effect(() => {
    const count = myUnread.value;
    const ticket = openTicket.value;
    const name = ticket ? contactName(ticket.contact) : t("title.inbox");
    document.title = `${count ? `(${count > 99 ? "99+" : count}) ` : ""}${name} · ${boot.tenant.name}`;
  });
}
