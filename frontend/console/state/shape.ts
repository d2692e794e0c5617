// What the console knows, as one immutable value.
import type { Activity } from "../../api/frames";
import type {
  Connection,
  Counters,
  Id,
  Inbox,
  Instant,
  Kind,
  Member,
  Message,
  Person,
  Quoted,
  Sector,
  Status,
  TicketRow,
} from "../../api/shapes";

export const STATUSES: readonly Status[] = ["waiting", "in_service", "closed"];

export type Phase = "idle" | "loading" | "ready" | "error";

/** Where a row stands in a list: newest activity first, the id decides between equals. */
export interface Place {
  at: Instant;
  id: Id;
}

export interface List {
  phase: Phase;
  /** Of the next page, or null when everything is here. */
  cursor: string | null;
  /** The last place that was read: what lies below it is not known without gaps. */
  floor: Place | null;
}

export interface Found {
  query: string;
  status: Status;
  ids: readonly Id[];
  cursor: string | null;
  phase: Phase;
}

export interface LocalFile {
  kind: Kind;
  name: string;
  mime: string;
  size: number;
  width: number | null;
  height: number | null;
}

/** A message of ours that the server has not answered for yet. */
export interface Local {
  ref: Id;
  ticketId: Id;
  text: string;
  quoted: Quoted | null;
  file: LocalFile | null;
  at: Instant;
  state: "sending" | "failed";
  /** Share of the file that left, 0 to 1. */
  progress: number | null;
  error: { code: string; message: string } | null;
}

export interface Thread {
  phase: Phase;
  /** Oldest first. */
  messages: readonly Message[];
  /** Of the page before the oldest message, or null at the beginning. */
  cursor: string | null;
  outbox: readonly Local[];
}

/** The open ticket went out of sight: who has it now. */
export interface Left {
  id: Id;
  contact: TicketRow["contact"] | null;
  status: Status;
  assignee: Person | null;
}

export interface Writer extends Person {
  until: number;
}

export interface State {
  me: Inbox["me"] | null;
  tenant: Inbox["tenant"] | null;
  sectors: readonly Sector[];
  members: readonly Member[];
  connections: readonly Connection[];
  counters: Counters | null;
  /** Raised when a frame spoke of a ticket we did not know: the counters want to be read again. */
  drift: number;
  tickets: ReadonlyMap<Id, TicketRow>;
  /** Version at which a ticket went out of sight, so that older news do not bring it back. */
  gone: ReadonlyMap<Id, number>;
  lists: Readonly<Record<Status, List>>;
  found: Found | null;
  openId: Id | null;
  left: Left | null;
  threads: ReadonlyMap<Id, Thread>;
  /** By `chatKey`: what the customer is doing. */
  activity: ReadonlyMap<string, { activity: Exclude<Activity, "idle">; until: number }>;
  /** By ticket: members who are answering. */
  writers: ReadonlyMap<Id, readonly Writer[]>;
}

const unread: List = { phase: "idle", cursor: null, floor: null };

export const nothing: State = {
  me: null,
  tenant: null,
  sectors: [],
  members: [],
  connections: [],
  counters: null,
  drift: 0,
  tickets: new Map(),
  gone: new Map(),
  lists: { waiting: unread, in_service: unread, closed: unread },
  found: null,
  openId: null,
  left: null,
  threads: new Map(),
  activity: new Map(),
  writers: new Map(),
};

export const emptyThread: Thread = { phase: "idle", messages: [], cursor: null, outbox: [] };

/** A copy of a map with one entry set, or removed when the value is undefined. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): Map<K, V> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}
