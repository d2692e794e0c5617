// The shapes of the REST API and of live frames, as the console reads them.

export type Id = string;
/** ISO 8601, UTC, milliseconds, `Z`. */
export type Instant = string;

export type Status = "waiting" | "in_service" | "closed";
export type Role = "owner" | "admin" | "supervisor" | "agent";
export type Direction = "in" | "out" | "none";
export type Ack = "pending" | "sent" | "delivered" | "read" | "played" | "failed" | "unconfirmed";
export type MediaKind = "image" | "video" | "audio" | "voice" | "document" | "sticker";
export type Kind = "text" | MediaKind | "location" | "contact" | "unsupported" | "entry";

export interface Person {
  id: Id;
  name: string;
}

export interface Sector {
  id: Id;
  version: number;
  name: string;
  color: string;
  members: Id[];
}

export type SectorLabel = Omit<Sector, "members" | "version">;

export interface Member extends Person {
  version: number;
  role: Role;
  sectors: Id[];
  is_active: boolean;
}

export interface LastMessage {
  id: Id;
  kind: Kind;
  text: string;
  direction: Direction;
  ack: Ack | null;
  at: Instant;
}

export interface TicketRow {
  id: Id;
  number: number;
  version: number;
  status: Status;
  contact: { id: Id; name: string; phone: string | null };
  connection: Person;
  /** The chat's id on its connection: what "the customer is typing" speaks of. */
  chat: string;
  sector: SectorLabel;
  assignee: Person | null;
  unread: number;
  last_message: LastMessage | null;
  last_message_at: Instant | null;
  opened_at: Instant;
  queued_at: Instant | null;
  taken_at: Instant | null;
  first_response_at: Instant | null;
  closed_at: Instant | null;
  closed_by: Person | null;
}

export interface Media {
  id: Id;
  state: "pending" | "ready" | "failed";
  mime: string;
  size: number | null;
  name: string;
  seconds: number | null;
  width: number | null;
  height: number | null;
  url: string;
}

export interface Quoted {
  id: Id | null;
  direction: Direction;
  kind: Kind;
  text: string;
  author_name: string;
}

export interface Entry {
  what: "opened" | "taken" | "transferred" | "returned" | "closed" | "reopened" | "gap";
  by: Person | null;
  sector: Person | null;
  to: Person | null;
  /** Of a gap: the number was not connected from … to … */
  since?: Instant | null;
  until?: Instant | null;
}

/** Why a message is not sent yet, and when it is tried. */
export interface Wait {
  reason: string;
  until: Instant;
}

export interface Message {
  id: Id;
  ticket_id: Id;
  version: number;
  direction: Direction;
  kind: Kind;
  text: string;
  author: Person | null;
  origin: "customer" | "console" | "api" | "phone" | "automation";
  sent_at: Instant;
  ack: Ack | null;
  error: { code: string; message: string } | null;
  waits: Wait | null;
  quoted: Quoted | null;
  reactions: { emoji: string; by: "contact" | "us" }[];
  media: Media | null;
  location: { latitude: number; longitude: number; name: string; address: string } | null;
  entry: Entry | null;
  edited_at: Instant | null;
  deleted_at: Instant | null;
  client_ref: Id | null;
}

export type ConnectionState =
  | "created"
  | "starting"
  | "scan_qr"
  | "pairing_code"
  | "passkey_required"
  | "syncing"
  | "connected"
  | "reconnecting"
  | "logged_out"
  | "failed"
  | "banned"
  | "stopped";

export interface Connection {
  id: Id;
  version: number;
  name: string;
  driver: string;
  should_run: boolean;
  state: ConnectionState;
  reason: string;
  detail: string;
  state_at: Instant;
  phone: string | null;
  profile_name: string;
  sector: SectorLabel | null;
  position: number;
  degraded_by: string;
  restricted_until: Instant | null;
  down_since: Instant | null;
}

/** Between 0 and 1; null where the number was meant to rest. */
export type Share = number | null;

export interface Figures {
  id: Id;
  state: ConnectionState;
  phone: string | null;
  worker: string;
  memory_bytes: number | null;
  uptime: { today: Share; days_7: Share; days_30: Share };
  queued: number;
  empty_in_seconds: number | null;
  waits: { reason: string; count: number; until: Instant }[];
  sent_today: number;
  received_today: number;
  failed_today: number;
  last_error: { reason: string; at: Instant } | null;
  down_since: Instant | null;
  degraded_by: string;
  restricted_until: Instant | null;
}

export interface Totals {
  connections: number;
  connected: number;
  down: number;
  queued: number;
  sent_today: number;
  received_today: number;
  failed_today: number;
}

export interface AllFigures {
  results: Figures[];
  totals: Totals;
}

export type Counters = Record<Status, number>;

export interface Rights {
  sees_all_tickets: boolean;
  can_manage_connections: boolean;
  can_manage_sectors: boolean;
  can_manage_members: boolean;
}

export interface Inbox {
  me: Person & { role: Role; rights: Rights };
  tenant: { slug: string; name: string; time_zone: string };
  sectors: Sector[];
  members: Member[];
  connections: Connection[];
  counters: Counters;
}

export interface Page<Row> {
  results: Row[];
  next: string | null;
}

export interface ContactCard extends Person {
  phone: string | null;
  created_at: Instant;
}

export interface EarlierTicket {
  id: Id;
  number: number;
  status: Status;
  opened_at: Instant;
  closed_at: Instant | null;
  sector: Person | null;
  assignee: Person | null;
  is_visible: boolean;
}
