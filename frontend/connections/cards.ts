// Connections, their codes and their figures as one immutable value. Pure.
import type { Frame, PairingCode, QrCode } from "../api/frames";
import type { AllFigures, Connection, ConnectionState, Figures, Id, Totals } from "../api/shapes";
import { type Code, living, type Pairing } from "../linking/codes";

export interface Cards {
  connections: readonly Connection[];
  codes: ReadonlyMap<Id, Code>;
  pairing: ReadonlyMap<Id, Pairing>;
  /** Linked while we watched: they get their moment. */
  linked: ReadonlySet<Id>;
  /** How each is doing, as of the last time we asked. */
  figures: ReadonlyMap<Id, Figures>;
  totals: Totals | null;
  /** What a link's page looked like when somebody asked. */
  pictures: ReadonlyMap<Id, string>;
}

export function firstCards(connections: readonly Connection[], figures?: AllFigures): Cards {
  const nothing = {
    codes: new Map(),
    pairing: new Map(),
    linked: new Set<Id>(),
    figures: new Map(),
    totals: null,
    pictures: new Map(),
  };
  const cards = { connections: inOrder(connections), ...nothing };
  return figures ? withFigures(cards, figures) : cards;
}

const LINKING: ReadonlySet<ConnectionState> = new Set([
  "scan_qr",
  "pairing_code",
  "passkey_required",
  "syncing",
]);
/** States in which a code may come, for who watches. */
export const WATCHED: ReadonlySet<ConnectionState> = new Set(["starting", "scan_qr", "pairing_code"]);

/** now: milliseconds since 1970. */
export function applied(cards: Cards, frame: Frame, now: number): Cards {
  switch (frame.kind) {
    case "connection.state_changed":
      return withConnection(cards, frame.data.connection);
    case "connection.qr":
      return withCode(cards, frame.data, frame.at, now);
    case "connection.pairing_code":
      return withPairing(cards, frame.data, frame.at, now);
    case "connection.removed":
      return without(cards, frame.data.connection_id);
    case "connection.screenshot":
      return withPicture(cards, frame.data.connection_id, frame.data.png);
    default:
      return cards;
  }
}

export function inOrder(connections: readonly Connection[]): Connection[] {
  return [...connections].sort((a, b) => a.position - b.position || a.name.localeCompare(b.name));
}

function withConnection(cards: Cards, connection: Connection): Cards {
  const { id, state } = connection;
  const known = cards.connections.find((each) => each.id === id);
  if (known && known.version >= connection.version) return cards;
  const others = cards.connections.filter((each) => each.id !== id);
  const codes = new Map(cards.codes);
  if (state !== "scan_qr") codes.delete(id);
  const pairing = new Map(cards.pairing);
  if (state !== "pairing_code") pairing.delete(id);
  const linked = new Set(cards.linked);
  if (state !== "connected") linked.delete(id);
  else if (known && LINKING.has(known.state)) linked.add(id);
  return { ...cards, connections: inOrder([...others, connection]), codes, pairing, linked };
}

function without(cards: Cards, id: Id): Cards {
  return { ...cards, connections: cards.connections.filter((each) => each.id !== id) };
}

function withCode(cards: Cards, code: QrCode, at: string | undefined, now: number): Cards {
  const before = cards.codes.get(code.connection_id);
  const isSame = before?.attempt === code.attempt && before.expires_at === code.expires_at;
  const shown = living(code, { at, now, known: isSame ? before : null });
  return { ...cards, codes: new Map(cards.codes).set(code.connection_id, shown) };
}

function withPairing(cards: Cards, code: PairingCode, at: string | undefined, now: number): Cards {
  const before = cards.pairing.get(code.connection_id);
  const known = before?.code === code.code && before.expires_at === code.expires_at ? before : null;
  const shown = living(code, { at, now, known });
  return { ...cards, pairing: new Map(cards.pairing).set(code.connection_id, shown) };
}

/** An empty picture: it was asked for again. */
export function withPicture(cards: Cards, id: Id, png: string): Cards {
  return { ...cards, pictures: new Map(cards.pictures).set(id, png) };
}

export function withFigures(cards: Cards, { results, totals }: AllFigures): Cards {
  return { ...cards, figures: new Map(results.map((each) => [each.id, each])), totals };
}

/** In this order at once, whatever the server says a moment later. */
export function reordered(cards: Cards, ids: readonly Id[]): Cards {
  const places = new Map(ids.map((id, place) => [id, place]));
  const moved = cards.connections.map((each) => ({ ...each, position: places.get(each.id) ?? each.position }));
  return { ...cards, connections: inOrder(moved) };
}
