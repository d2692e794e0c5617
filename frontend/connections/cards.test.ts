// Connections, their codes, and the moment one is linked.
import { expect, test } from "vitest";
import type { Frame } from "../api/frames";
import type { Connection } from "../api/shapes";
import { applied, firstCards, reordered, withFigures } from "./cards";

const NOW = Date.parse("2026-11-20T12:00:00.000Z");

function connection(over: Partial<Connection> = {}): Connection {
  return {
    id: "shop",
    version: 1,
    name: "Loja",
    driver: "simulator",
    should_run: true,
    state: "starting",
    reason: "",
    detail: "",
    state_at: "2026-11-20T11:59:00.000Z",
    phone: null,
    profile_name: "",
    sector: null,
    position: 0,
    degraded_by: "",
    restricted_until: null,
    down_since: null,
    ...over,
  };
}

const changed = (over: Partial<Connection>): Frame => ({
  kind: "connection.state_changed",
  data: { connection: connection(over) },
});

const code = (attempt: number, at = "2026-11-20T12:00:00.000Z"): Frame => ({
  kind: "connection.qr",
  at,
  data: {
    connection_id: "shop",
    svg: "<svg/>",
    expires_at: "2026-11-20T12:00:20.000Z",
    attempt,
    attempts: 6,
  },
});

const hear = (...frames: Frame[]) =>
  frames.reduce((cards, frame) => applied(cards, frame, NOW), firstCards([connection()]));

test("a code lives as long as the server says, whatever our own clock shows", () => {
  const ahead = applied(firstCards([connection()]), code(1), NOW + 3_600_000);
  expect(ahead.codes.get("shop")).toMatchObject({ life: 20_000, endsAt: NOW + 3_620_000, attempt: 1 });
});

test("the same code shown again later keeps its whole life for the ring", () => {
  const cards = hear(code(1), code(1, "2026-11-20T12:00:15.000Z"));
  expect(cards.codes.get("shop")).toMatchObject({ life: 20_000, endsAt: NOW + 5_000 });
});

test("a code is gone as soon as the connection is past it", () => {
  expect(hear(changed({ version: 2, state: "scan_qr" }), code(1)).codes.size).toBe(1);
  expect(
    hear(changed({ version: 2, state: "scan_qr" }), code(1), changed({ version: 3, state: "failed" })).codes
      .size,
  ).toBe(0);
});

test("being linked is a moment; being connected already is not", () => {
  const linked = hear(changed({ version: 2, state: "scan_qr" }), changed({ version: 3, state: "connected" }));
  expect(linked.linked.has("shop")).toBe(true);
  expect(applied(linked, changed({ version: 4, state: "reconnecting" }), NOW).linked.size).toBe(0);
  expect(hear(changed({ version: 2, state: "connected" })).linked.size).toBe(0);
});

test("older versions are ignored, new connections appear", () => {
  const cards = hear(changed({ version: 5, state: "connected" }), changed({ version: 4, state: "failed" }));
  expect(cards.connections[0]?.state).toBe("connected");
  expect(hear(changed({ id: "other" })).connections).toHaveLength(2);
});

test("a code to type is shown until the connection is past it", () => {
  const told: Frame = {
    kind: "connection.pairing_code",
    at: "2026-11-20T12:00:00.000Z",
    data: { connection_id: "shop", code: "ABCD1234", expires_at: "2026-11-20T12:01:00.000Z" },
  };
  const waiting = hear(changed({ version: 2, state: "pairing_code" }), told);
  expect(waiting.pairing.get("shop")).toMatchObject({ code: "ABCD1234", endsAt: NOW + 60_000 });
  expect(applied(waiting, changed({ version: 3, state: "connected" }), NOW).pairing.size).toBe(0);
});

test("a removed connection is gone, and its picture stays out of the others", () => {
  const pictured = hear(changed({ id: "other" }), {
    kind: "connection.screenshot",
    data: { connection_id: "other", png: "data:image/png;base64,AA==" },
  });
  expect([...pictured.pictures.keys()]).toEqual(["other"]);
  const left = applied(pictured, { kind: "connection.removed", data: { connection_id: "shop" } }, NOW);
  expect(left.connections.map((each) => each.id)).toEqual(["other"]);
});

test("cards stand as people put them, by name where nobody did", () => {
  const cards = firstCards([connection({ id: "b", name: "B" }), connection({ id: "a", name: "A" })]);
  expect(cards.connections.map((each) => each.id)).toEqual(["a", "b"]);
  expect(reordered(cards, ["b", "a"]).connections.map((each) => each.id)).toEqual(["b", "a"]);
});

test("figures are those of the last time they were asked for", () => {
  const totals = { connections: 1, connected: 1, down: 0, queued: 2, sent_today: 3, received_today: 4, failed_today: 0 };
  expect(withFigures(firstCards([connection()]), { results: [], totals }).totals?.queued).toBe(2);
});
