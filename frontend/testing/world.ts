// The cast of the tests: tenant Acme, Ana the supervisor, Bruno the agent in Sales, and what they see.
import type { Inbox, Message, TicketRow } from "../api/shapes";
import { begin, nothing, type State } from "../console/store";
import { putPage } from "../console/state/tickets";

export const ANA = { id: "ana", name: "Ana Lima" };
export const BRUNO = { id: "bruno", name: "Bruno Reis" };
export const SALES = { id: "sales", name: "Vendas", color: "#2f7d6b" };
export const SUPPORT = { id: "support", name: "Suporte", color: "#c2622d" };

/** An instant of the day everything happens on; seconds after noon, UTC. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 20, 12, 0, seconds)).toISOString();
}

export function ticket(id: string, over: Partial<TicketRow> = {}): TicketRow {
  return {
    id,
    number: 1,
    version: 1,
    status: "waiting",
    contact: { id: `contact-${id}`, name: "Maria Souza", phone: "+5511987654321" },
    connection: { id: "shop", name: "Loja" },
    chat: `chat-${id}`,
    sector: SALES,
    assignee: null,
    unread: 0,
    last_message: null,
    last_message_at: at(0),
    opened_at: at(0),
    queued_at: at(0),
    taken_at: null,
    first_response_at: null,
    closed_at: null,
    closed_by: null,
    ...over,
  };
}

export function message(id: string, over: Partial<Message> = {}): Message {
  return {
    id,
    ticket_id: "t1",
    version: 1,
    direction: "in",
    kind: "text",
    text: id,
    author: null,
    origin: "customer",
    sent_at: at(0),
    ack: null,
    error: null,
    waits: null,
    quoted: null,
    reactions: [],
    media: null,
    location: null,
    entry: null,
    edited_at: null,
    deleted_at: null,
    client_ref: null,
    ...over,
  };
}

export function ours(id: string, over: Partial<Message> = {}): Message {
  return message(id, { direction: "out", origin: "console", author: ANA, ack: "sent", ...over });
}

export function inbox(me: { id: string; name: string }, seesAll: boolean): Inbox {
  const member = (who: typeof me, sectors: string[]) =>
    ({ ...who, version: 1, role: "agent", sectors, is_active: true }) as const;
  return {
    me: {
      ...me,
      role: seesAll ? "supervisor" : "agent",
      rights: {
        sees_all_tickets: seesAll,
        can_manage_connections: false,
        can_manage_sectors: false,
        can_manage_members: false,
      },
    },
    tenant: { slug: "acme", name: "Acme", time_zone: "America/Sao_Paulo" },
    sectors: [
      { ...SALES, version: 1, members: [BRUNO.id] },
      { ...SUPPORT, version: 1, members: [ANA.id] },
    ],
    members: [member(ANA, [SUPPORT.id]), member(BRUNO, [SALES.id])],
    connections: [],
    counters: { waiting: 5, in_service: 3, closed: 7 },
  };
}

/** The state after the start-up path: all lists read to their end, with these rows. */
export function started(rows: TicketRow[], { as = BRUNO, seesAll = false } = {}): State {
  let state = begin(nothing, inbox(as, seesAll));
  for (const status of ["waiting", "in_service", "closed"] as const) {
    const results = rows.filter((row) => row.status === status);
    state = putPage(state, status, { results, next: null }, { afresh: true });
  }
  return state;
}
