// Connections and their QR codes as one immutable value. Pure.
import type { Frame, QrCode } from "../api/frames";
import type { Connection, ConnectionState, Id } from "../api/shapes";

export interface Code extends QrCode {
  /** When it ends and how long it lives, in milliseconds of this browser's clock. */
  endsAt: number;
  life: number;
}

export interface Cards {
  connections: readonly Connection[];
  codes: ReadonlyMap<Id, Code>;
  /** Linked while we watched: they get their moment. */
  linked: ReadonlySet<Id>;
}

export function firstCards(connections: readonly Connection[]): Cards {
  return { connections, codes: new Map(), linked: new Set() };
}

const LINKING: ReadonlySet<ConnectionState> = new Set([
  "scan_qr",
  "pairing_code",
  "passkey_required",
  "syncing",
]);
/** States in which a code may come, for who watches. */
export const WATCHED: ReadonlySet<ConnectionState> = new Set(["starting", "scan_qr"]);

/** now: milliseconds since 1970. */
export function applied(cards: Cards, frame: Frame, now: number): Cards {
  if (frame.kind === "connection.state_changed") return withConnection(cards, frame.data.connection);
  if (frame.kind === "connection.qr") return withCode(cards, frame.data, frame.at, now);
  return cards;
}

function withConnection(cards: Cards, connection: Connection): Cards {
  const known = cards.connections.find((each) => each.id === connection.id);
  if (known && known.version >= connection.version) return cards;
  const connections = known
    ? cards.connections.map((each) => (each.id === connection.id ? connection : each))
    : [...cards.connections, connection];
  const codes = new Map(cards.codes);
  if (connection.state !== "scan_qr") codes.delete(connection.id);
  const linked = new Set(cards.linked);
  if (connection.state !== "connected") linked.delete(connection.id);
  else if (known && LINKING.has(known.state)) linked.add(connection.id);
  return { connections, codes, linked };
}

/** The server's clock and ours may differ, so its "now" (`at`) tells how long the code still lives. */
function withCode(cards: Cards, code: QrCode, at: string | undefined, now: number): Cards {
  const left = Math.max(0, Date.parse(code.expires_at) - (at ? Date.parse(at) : now));
  const known = cards.codes.get(code.connection_id);
  const isSame = known?.attempt === code.attempt && known.expires_at === code.expires_at;
  const life = isSame ? known.life : left;
  const codes = new Map(cards.codes).set(code.connection_id, { ...code, endsAt: now + left, life });
  return { ...cards, codes };
}
