// Rows, the three lists they stand in, and the counters over those lists.
import type { LeftTicket, Was } from "../../api/frames";
import type { Id, Page, Sector, Status, TicketRow } from "../../api/shapes";
import { newerPreview } from "./acks";
import { type List, type Place, type State, withEntry } from "./shape";

export function place(row: TicketRow): Place {
  return { at: row.last_message_at ?? row.opened_at, id: row.id };
}

/** Negative when `a` stands above `b`. Instants are of one format, so their text order is theirs. */
export function compare(a: Place, b: Place): number {
  if (a.at !== b.at) return a.at > b.at ? -1 : 1;
  return a.id === b.id ? 0 : a.id > b.id ? -1 : 1;
}

/** The rows of a list, as far as it was read without gaps. */
export function rowsOf(state: Pick<State, "tickets" | "lists">, status: Status): TicketRow[] {
  const { floor, phase } = state.lists[status];
  if (phase === "idle") return [];
  return [...state.tickets.values()]
    .filter((row) => row.status === status && (!floor || compare(place(row), floor) <= 0))
    .sort((a, b) => compare(place(a), place(b)));
}

/**
 * A newer row replaces what we know. `was`: where it stood before, by the frame that told; null
 * for a new ticket; undefined where the teller does not say (an answer, a message).
 */
export function putTicket(state: State, row: TicketRow, was?: Was): State {
  const known = state.tickets.get(row.id);
  if (known && known.version >= row.version) return state;
  if ((state.gone.get(row.id) ?? 0) > row.version) return state;
  const fresh = known ? { ...row, last_message: newerPreview(known.last_message, row.last_message) } : row;
  const next: State = {
    ...state,
    tickets: withEntry(state.tickets, row.id, fresh),
    gone: state.gone.has(row.id) ? withEntry(state.gone, row.id, undefined) : state.gone,
  };
  if (known) return count(next, known.status, row.status);
  if (was === undefined) return next;
  if (was === null) return count(next, null, row.status);
  return count({ ...next, drift: state.drift + 1 }, seenBefore(state, was), row.status);
}

/** Of a ticket we had no row of: did it stand in one of our counters? Who sees only their own
 * tickets in service has the rows of those, so this one was somebody else's. */
function seenBefore(state: State, was: { status: Status }): Status | null {
  const seesAll = state.me?.rights.sees_all_tickets ?? false;
  return was.status === "in_service" && !seesAll ? null : was.status;
}

/** The server's rule, for our own moves: who sees everything, whose it is, or whose sector it waits in. */
export function canSee(state: State, row: TicketRow): boolean {
  const { me } = state;
  if (!me || me.rights.sees_all_tickets || row.assignee?.id === me.id) return true;
  const own = state.members.find((member) => member.id === me.id);
  return row.status === "waiting" && (own?.sectors.includes(row.sector.id) ?? false);
}

/** A ticket we may not see any more. */
export function leaveTicket(state: State, ticket: LeftTicket, was: Was): State {
  const known = state.tickets.get(ticket.id);
  if (known && known.version > ticket.version) return state;
  if ((state.gone.get(ticket.id) ?? 0) >= ticket.version) return state;
  const isOpen = state.openId === ticket.id;
  const next: State = {
    ...state,
    tickets: withEntry(state.tickets, ticket.id, undefined),
    gone: withEntry(state.gone, ticket.id, ticket.version),
    threads: withEntry(state.threads, ticket.id, undefined),
    openId: isOpen ? null : state.openId,
    left: isOpen
      ? {
          id: ticket.id,
          contact: known?.contact ?? null,
          status: ticket.status,
          assignee: ticket.assignee,
        }
      : state.left,
    drift: known ? state.drift : state.drift + 1,
  };
  return count(next, known?.status ?? was?.status ?? null, null);
}

/** The server does not know the ticket, or not for us. */
export function forgetTicket(state: State, id: Id): State {
  return {
    ...state,
    tickets: withEntry(state.tickets, id, undefined),
    threads: withEntry(state.threads, id, undefined),
  };
}

function count(state: State, from: Status | null, to: Status | null): State {
  if (!state.counters || from === to) return state;
  const counters = { ...state.counters };
  if (from) counters[from] = Math.max(0, counters[from] - 1);
  if (to) counters[to] += 1;
  return { ...state, counters };
}

/**
 * A page of a list. `afresh`: it is the first page of a state that is read again from scratch, so
 * rows it does not show are no longer there.
 */
export function putPage(
  state: State,
  status: Status,
  page: Page<TicketRow>,
  { afresh = false }: { afresh?: boolean } = {},
): State {
  const tickets = new Map(state.tickets);
  if (afresh) {
    const shown = new Set(page.results.map((row) => row.id));
    for (const row of state.tickets.values()) {
      if (row.status === status && !shown.has(row.id) && row.id !== state.openId) tickets.delete(row.id);
    }
  }
  for (const row of page.results) {
    const known = tickets.get(row.id);
    const isStale = (state.gone.get(row.id) ?? 0) > row.version;
    if (!isStale && !(known && known.version >= row.version)) tickets.set(row.id, row);
  }
  const last = page.results[page.results.length - 1];
  const list: List = {
    phase: "ready",
    cursor: page.next,
    floor: page.next && last ? place(last) : null,
  };
  return { ...state, tickets, lists: { ...state.lists, [status]: list } };
}

/** The rows a search found, in the server's order; they live among the other rows. */
export function putFound(state: State, query: string, page: Page<TicketRow>, isNext: boolean): State {
  const found = state.found;
  if (!found || found.query !== query) return state;
  const next = page.results.reduce((state, row) => putTicket(state, row), state);
  const known = isNext ? found.ids : [];
  const ids = [...known, ...page.results.map((row) => row.id).filter((id) => !known.includes(id))];
  return { ...next, found: { ...found, ids, cursor: page.next, phase: "ready" } };
}

export function foundRows(state: Pick<State, "tickets" | "found">): TicketRow[] {
  return (state.found?.ids ?? []).flatMap((id: Id) => state.tickets.get(id) ?? []);
}

export function putSector(state: State, sector: Sector): State {
  if (isKnown(state.sectors, sector)) return state;
  const tickets = new Map(state.tickets);
  for (const [id, row] of tickets) {
    if (row.sector?.id !== sector.id) continue;
    tickets.set(id, { ...row, sector: { id: sector.id, name: sector.name, color: sector.color } });
  }
  return { ...state, tickets, sectors: replaced(state.sectors, sector) };
}

/** Whether this version of a thing, or a newer one, is in the list already. */
export function isKnown<T extends { id: Id; version: number }>(list: readonly T[], thing: T): boolean {
  return list.some((known) => known.id === thing.id && known.version >= thing.version);
}

/** The list with the thing of the same id replaced, or added at the end. */
export function replaced<T extends { id: Id }>(list: readonly T[], thing: T): T[] {
  const index = list.findIndex((other) => other.id === thing.id);
  return index < 0 ? [...list, thing] : list.map((other, i) => (i === index ? thing : other));
}
