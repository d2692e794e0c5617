// The console's state and what each live frame does to it. Pure: no page, no network, no clock.
import type { Frame } from "../api/frames";
import type { Inbox, Message } from "../api/shapes";
import { nothing, type State } from "./state/shape";
import { putMessage } from "./state/threads";
import { isKnown, leaveTicket, putSector, putTicket, replaced } from "./state/tickets";
import { chatKey, setActivity, setWriter } from "./state/typing";

export { nothing, type State };

/** The page state was read: everything that is not a row or a message. */
export function begin(state: State, inbox: Inbox): State {
  const { me, tenant, sectors, members, connections, counters } = inbox;
  return { ...state, me, tenant, sectors, members, connections, counters };
}

/** now: milliseconds since 1970, for what fades by itself. */
export function apply(state: State, frame: Frame, now: number): State {
  switch (frame.kind) {
    case "ticket.opened":
    case "ticket.taken":
    case "ticket.transferred":
    case "ticket.returned":
    case "ticket.closed":
    case "ticket.reopened":
      return putLine(putTicket(state, frame.data.ticket, frame.data.was), frame.data.message);
    case "ticket.read":
      return putTicket(state, frame.data.ticket); // moves nothing between the lists
    case "ticket.left":
      return leaveTicket(state, frame.data.ticket, frame.data.was);
    case "message.received":
    case "message.sent":
    case "message.changed":
      return putNews(state, frame, now);
    case "connection.state_changed":
      return putConnection(state, frame.data.connection);
    case "contact.typing": {
      const { connection_id, chat, activity } = frame.data;
      return setActivity(state, chatKey(connection_id, chat), activity, now);
    }
    case "member.typing":
      return setWriter(state, frame.data.ticket_id, frame.data.member, frame.data.on, now);
    case "sector.changed":
      return putSector(state, frame.data.sector);
    case "member.changed":
      return putMember(state, frame.data.member);
    default:
      return state; // a newer server may say more than this page understands
  }
}

function putLine(state: State, line: Message | null | undefined): State {
  return line ? putMessage(state, line) : state;
}

type News = Extract<Frame, { kind: `message.${string}` }>;

function putNews(state: State, { kind, data }: News, now: number): State {
  let next = data.ticket ? putTicket(state, data.ticket) : state;
  if (data.message) next = putMessage(next, data.message);
  // Who has just written is not writing any more.
  if (kind === "message.received" && data.ticket) {
    next = setActivity(next, chatKey(data.ticket.connection.id, data.ticket.chat), "idle", now);
  }
  const author = kind === "message.sent" ? data.message?.author : null;
  return author && data.message ? setWriter(next, data.message.ticket_id, author, false, now) : next;
}

function putMember(state: State, member: State["members"][number]): State {
  return isKnown(state.members, member) ? state : { ...state, members: replaced(state.members, member) };
}

function putConnection(state: State, connection: State["connections"][number]): State {
  if (isKnown(state.connections, connection)) return state;
  return { ...state, connections: replaced(state.connections, connection) };
}
