// What one does to a ticket: take it, return it, transfer, close, reopen.
import { signal } from "@preact/signals";
import { ApiError, type Method } from "../api/client";
import type { Id, Person, Sector, TicketRow } from "../api/shapes";
import { contactName } from "../format/contact";
import { firstName } from "../format/person";
import { coded, t } from "../locales";
import { toast } from "../ui/toast";
import { api, change, state } from "./desk";
import { canSee, leaveTicket, putTicket } from "./state/tickets";
import { dialog, focusComposer, tab } from "./view";

/** The ticket something is being done to, so that its buttons wait. */
export const busy = signal<Id | null>(null);

async function act(id: Id, method: Method, path: string, body?: unknown): Promise<TicketRow | null> {
  if (busy.peek()) return null;
  busy.value = id;
  try {
    const row = await api.send<TicketRow>(method, `tickets/${id}/${path}/`, body);
    settle(row);
    return row;
  } catch (error) {
    toast(words(error), { tone: "error" });
    return null;
  } finally {
    busy.value = null;
  }
}

/** The answer to an action of our own; where it took the ticket out of our sight, it just closes. */
function settle(row: TicketRow): void {
  change((s) => {
    if (canSee(s, row)) return putTicket(s, row);
    // We know where it went: the notice for tickets that were taken away is not for us.
    const next = leaveTicket(s, row, null);
    return next.left?.id === row.id ? { ...next, left: null } : next;
  });
}

export function words(error: unknown): string {
  if (!(error instanceof ApiError)) return t("error.generic");
  const holder = error.fields.assignee as Person | undefined;
  if (error.code === "already_taken") {
    return holder?.name
      ? t("action.already_taken", { name: holder.name })
      : t("action.already_taken_unnamed");
  }
  return coded("error", error.code) ?? (error.message || t("error.generic"));
}

export async function take(id: Id): Promise<void> {
  const row = await act(id, "POST", "assignment");
  if (row) begin();
}

/** A supervisor takes over what somebody else has. */
export async function takeOver(ticket: TicketRow): Promise<void> {
  const body = { sector_id: ticket.sector.id, member_id: state.peek().me?.id };
  const row = await act(ticket.id, "POST", "transfer", body);
  if (row) begin();
}

function begin(): void {
  tab.value = "in_service";
  focusComposer();
}

export async function giveBack(ticket: TicketRow): Promise<void> {
  const row = await act(ticket.id, "DELETE", "assignment");
  if (row) toast(t("action.returned", { sector: row.sector.name }));
}

export async function transfer(id: Id, sector: Sector, member: Person | null): Promise<void> {
  const body = { sector_id: sector.id, ...(member ? { member_id: member.id } : {}) };
  const row = await act(id, "POST", "transfer", body);
  if (!row) return;
  dialog.value = null;
  const to = member ? firstName(member.name) : sector.name;
  toast(t(member ? "action.transferred_member" : "action.transferred_sector", { to }));
}

export async function closeTicket(ticket: TicketRow): Promise<void> {
  const row = await act(ticket.id, "POST", "closure");
  if (!row) return;
  toast(t("action.closed", { name: contactName(ticket.contact) }), {
    tone: "success",
    action: { label: t("action.undo"), run: () => void reopen(ticket.id) },
  });
}

export async function reopen(id: Id): Promise<void> {
  const row = await act(id, "DELETE", "closure");
  if (!row) return;
  if (row.status === "in_service" && row.assignee?.id === state.peek().me?.id) begin();
  else toast(t("action.reopened"));
}
