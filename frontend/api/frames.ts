// What the live socket says and hears: one type per frame, told apart by `kind`.
import type { Connection, Id, Instant, Member, Message, Person, Sector, Status, TicketRow } from "./shapes";

export type Activity = "typing" | "recording" | "idle";
export type Was = { status: Status } | null;

export type LeftTicket = Pick<TicketRow, "id" | "version" | "status" | "assignee">;

// message: the line the timeline got, for a console that has the ticket open.
export interface TicketNews {
  ticket: TicketRow;
  was: Was;
  message?: Message | null;
}

export interface QrCode {
  connection_id: Id;
  svg: string;
  expires_at: Instant;
  attempt: number;
  attempts: number;
}

export interface PairingCode {
  connection_id: Id;
  code: string;
  expires_at: Instant;
}

/** A number that is down for longer than its people bear with, or up again after that. */
export interface Alert {
  connection: Connection;
  since: Instant;
}

export interface FrameData {
  hello: { member_id: Id };
  beat: unknown;
  joined: { ticket_id: Id };
  refused: { do: string; code: string };
  "ticket.opened": TicketNews;
  "ticket.taken": TicketNews;
  "ticket.transferred": TicketNews;
  "ticket.returned": TicketNews;
  "ticket.closed": TicketNews;
  "ticket.reopened": TicketNews;
  "ticket.read": TicketNews;
  "ticket.left": { ticket: LeftTicket; was: Was };
  "message.received": { message?: Message; ticket?: TicketRow };
  "message.sent": { message?: Message; ticket?: TicketRow };
  "message.changed": { message?: Message; ticket?: TicketRow };
  "connection.state_changed": { connection: Connection };
  "connection.qr": QrCode;
  "connection.pairing_code": PairingCode;
  "connection.screenshot": { connection_id: Id; png: string };
  "connection.down": Alert;
  "connection.recovered": Alert;
  "connection.removed": { connection_id: Id };
  "contact.typing": { connection_id: Id; chat: string; activity: Activity };
  "member.typing": { ticket_id: Id; member: Person; on: boolean };
  "sector.changed": { sector: Sector };
  "member.changed": { member: Member };
}

export type Frame = {
  [K in keyof FrameData]: { kind: K; at?: Instant; data: FrameData[K] };
}[keyof FrameData];

/** What comes back to what we said; it changes nothing that is shown. */
export type Answer = Extract<Frame, { kind: "joined" | "refused" }>;

export type Word =
  | { do: "join" | "leave"; ticket: Id }
  | { do: "typing"; ticket: Id; on: boolean }
  | { do: "watch"; connection: Id }
  | { do: "beat" };
