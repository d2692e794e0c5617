// What live frames do to the lists, the counters and the rest of the console's state.
import { describe, expect, test } from "vitest";
import type { Frame } from "../api/frames";
import type { Status, TicketRow } from "../api/shapes";
import { ANA, at, BRUNO, message, ours, SALES, started, SUPPORT, ticket } from "../testing/world";
import { apply, type State } from "./store";
import { putNewest } from "./state/threads";
import { canSee, putPage, rowsOf } from "./state/tickets";
import { chatKey, fade } from "./state/typing";

const NOW = Date.parse(at(60));

function hear(state: State, ...frames: Frame[]): State {
  return frames.reduce((state, frame) => apply(state, frame, NOW), state);
}

function moved(kind: "taken" | "closed" | "returned" | "transferred", row: TicketRow, was: Status): Frame {
  return { kind: `ticket.${kind}`, data: { ticket: row, was: { status: was } } };
}

const ids = (state: State, status: Status) => rowsOf(state, status).map((row) => row.id);

describe("lists and counters", () => {
  test("a new ticket stands at the top of the queue and is counted", () => {
    const state = started([ticket("a", { last_message_at: at(1) })]);
    const opened = ticket("b", { last_message_at: at(2) });
    const next = hear(state, { kind: "ticket.opened", data: { ticket: opened, was: null } });
    expect(ids(next, "waiting")).toEqual(["b", "a"]);
    expect(next.counters).toEqual({ waiting: 6, in_service: 3, closed: 7 });
    expect(next.drift).toBe(state.drift);
  });

  test("a ticket walks through the three lists and each counter follows", () => {
    let state = started([ticket("a")]);
    const taken = ticket("a", { version: 2, status: "in_service", assignee: BRUNO });
    state = hear(state, moved("taken", taken, "waiting"));
    expect([ids(state, "waiting"), ids(state, "in_service")]).toEqual([[], ["a"]]);
    expect(state.counters).toEqual({ waiting: 4, in_service: 4, closed: 7 });
    state = hear(state, moved("closed", { ...taken, version: 3, status: "closed" }, "in_service"));
    expect(ids(state, "closed")).toEqual(["a"]);
    expect(state.counters).toEqual({ waiting: 4, in_service: 3, closed: 8 });
  });

  test("the same frame twice, and an older one after a newer, change nothing", () => {
    const state = started([ticket("a")]);
    const taken = moved("taken", ticket("a", { version: 3, status: "in_service" }), "waiting");
    const once = hear(state, taken);
    expect(hear(once, taken)).toBe(once);
    expect(hear(once, moved("returned", ticket("a", { version: 2 }), "in_service"))).toBe(once);
  });

  test("a version that skips one counts from what was known, not from what the frame was", () => {
    const state = started([ticket("a")]);
    const closed = ticket("a", { version: 9, status: "closed" });
    expect(hear(state, moved("closed", closed, "in_service")).counters).toEqual({
      waiting: 4,
      in_service: 3,
      closed: 8,
    });
  });

  test("a ticket of a page that was not read is moved between the counters, which are read again", () => {
    const state = started([], { as: ANA, seesAll: true });
    const next = hear(state, moved("taken", ticket("x", { status: "in_service" }), "waiting"));
    expect(ids(next, "in_service")).toEqual(["x"]);
    expect(next.counters).toEqual({ waiting: 4, in_service: 4, closed: 7 });
    expect(next.drift).toBe(state.drift + 1);
  });

  test("an agent did not count a stranger's ticket in service before it came to the queue", () => {
    const next = hear(started([]), moved("returned", ticket("x"), "in_service"));
    expect(next.counters).toEqual({ waiting: 6, in_service: 3, closed: 7 });
  });

  test("news of a ticket below the pages that were read does not leave a gap in the list", () => {
    const page = { results: [ticket("a", { last_message_at: at(50) })], next: "more" };
    const state = putPage(started([]), "waiting", page);
    const old = ticket("old", { last_message_at: at(10), version: 2 });
    const quiet = hear(state, { kind: "ticket.read", data: { ticket: old, was: { status: "waiting" } } });
    expect(ids(quiet, "waiting")).toEqual(["a"]);
    const wrote = { ...old, version: 3, last_message_at: at(55) };
    expect(ids(hear(quiet, { kind: "message.received", data: { ticket: wrote } }), "waiting")).toEqual([
      "old",
      "a",
    ]);
  });

  test("the next page joins without doubling what frames brought", () => {
    let state = putPage(started([]), "waiting", {
      results: [ticket("a", { last_message_at: at(50) })],
      next: "2",
    });
    state = hear(
      state,
      moved("returned", ticket("b", { last_message_at: at(20), version: 4 }), "in_service"),
    );
    state = putPage(state, "waiting", {
      results: [ticket("b", { last_message_at: at(20), version: 3 })],
      next: null,
    });
    expect(ids(state, "waiting")).toEqual(["a", "b"]);
    expect(state.tickets.get("b")?.version).toBe(4);
  });

  test("a list that is read afresh forgets rows that are no longer there, but not the open one", () => {
    const state = { ...started([ticket("a"), ticket("b"), ticket("c")]), openId: "c" };
    const next = putPage(state, "waiting", { results: [ticket("a")], next: null }, { afresh: true });
    expect([...next.tickets.keys()].sort()).toEqual(["a", "c"]);
  });

  test("a changed sector repaints its rows", () => {
    const painted = { ...SALES, version: 2, name: "Comercial", color: "#111111", members: [] };
    const next = hear(started([ticket("a")]), { kind: "sector.changed", data: { sector: painted } });
    expect(next.tickets.get("a")?.sector).toEqual({ id: "sales", name: "Comercial", color: "#111111" });
  });

  test("what is older than what the page knows changes nothing", () => {
    const state = started([ticket("a")]);
    const sector = { ...SALES, version: 1, name: "Old", color: "#111111", members: [] };
    expect(hear(state, { kind: "sector.changed", data: { sector } })).toBe(state);
    const member = { ...ANA, version: 1, name: "Old", role: "agent", sectors: [], is_active: false } as const;
    expect(hear(state, { kind: "member.changed", data: { member: { ...member, sectors: [] } } })).toBe(state);
  });
});

describe("a ticket that goes out of sight", () => {
  const left = (version: number): Frame => ({
    kind: "ticket.left",
    data: {
      ticket: { id: "a", version, status: "in_service", assignee: ANA },
      was: { status: "waiting" },
    },
  });

  test("its row and its count go; if it was open, one learns who has it", () => {
    const state = { ...started([ticket("a")]), openId: "a" };
    const next = hear(state, left(2));
    expect(next.tickets.has("a")).toBe(false);
    expect(next.counters?.waiting).toBe(4);
    expect(next.openId).toBeNull();
    expect(next.left).toEqual({ id: "a", contact: ticket("a").contact, status: "in_service", assignee: ANA });
  });

  test("another ticket stays open", () => {
    const next = hear({ ...started([ticket("a"), ticket("b")]), openId: "b" }, left(2));
    expect([next.openId, next.left]).toEqual(["b", null]);
  });

  test("older news do not bring it back, newer ones do", () => {
    const gone = hear(started([ticket("a")]), left(5));
    const stale = { kind: "message.received", data: { ticket: ticket("a", { version: 4 }) } } as const;
    expect(hear(gone, stale)).toBe(gone);
    expect(
      putPage(gone, "waiting", { results: [ticket("a", { version: 4 })], next: null }).tickets.size,
    ).toBe(0);
    const back = hear(gone, moved("returned", ticket("a", { version: 6 }), "in_service"));
    expect(ids(back, "waiting")).toEqual(["a"]);
  });

  test("hearing it twice counts it once", () => {
    const gone = hear(started([ticket("a")]), left(5));
    expect(hear(gone, left(5)).counters).toEqual(gone.counters);
  });

  test("who may see a ticket: its member, its sector while it waits, and who sees all", () => {
    const bruno = started([]);
    expect(canSee(bruno, ticket("a"))).toBe(true);
    expect(canSee(bruno, ticket("a", { sector: SUPPORT }))).toBe(false);
    expect(canSee(bruno, ticket("a", { status: "closed", assignee: BRUNO }))).toBe(true);
    expect(canSee(bruno, ticket("a", { status: "in_service", assignee: ANA }))).toBe(false);
    expect(canSee(started([], { as: ANA, seesAll: true }), ticket("a", { sector: SALES }))).toBe(true);
  });
});

describe("messages and rows", () => {
  test("a message frame brings the row up and the message into the joined thread", () => {
    let state = putNewest(started([ticket("t1"), ticket("t2", { last_message_at: at(5) })]), "t1", {
      results: [message("m1")],
      next: null,
    });
    const row = ticket("t1", { version: 2, unread: 1, last_message_at: at(9) });
    const came = message("m2", { sent_at: at(9) });
    state = hear(state, { kind: "message.received", data: { message: came, ticket: row } });
    expect(ids(state, "waiting")).toEqual(["t1", "t2"]);
    expect(state.tickets.get("t1")?.unread).toBe(1);
    expect(state.threads.get("t1")?.messages.map((m) => m.id)).toEqual(["m1", "m2"]);
  });

  test("a row's tick rises but does not fall while it speaks of the same message", () => {
    const last = (ack: "delivered" | "read") =>
      ({ id: "m", kind: "text", text: "oi", direction: "out", ack, at: at(3) }) as const;
    const state = started([ticket("a", { last_message: last("read") })]);
    const late = ticket("a", { version: 2, last_message: last("delivered") });
    const next = hear(state, { kind: "message.changed", data: { ticket: late } });
    expect(next.tickets.get("a")?.last_message?.ack).toBe("read");
  });
});

describe("who is writing", () => {
  const row = ticket("t1");
  const typing = (activity: "typing" | "recording" | "idle"): Frame => ({
    kind: "contact.typing",
    data: { connection_id: "shop", chat: "chat-t1", activity },
  });

  test("the customer's typing shows until it is idle, a message comes, or it fades", () => {
    const key = chatKey("shop", "chat-t1");
    const state = hear(started([row]), typing("typing"));
    expect(state.activity.get(key)?.activity).toBe("typing");
    expect(hear(state, typing("idle")).activity.size).toBe(0);
    const wrote: Frame = { kind: "message.received", data: { ticket: { ...row, version: 2 } } };
    expect(hear(state, wrote).activity.size).toBe(0);
    expect(fade(state, NOW + 1_000)).toBe(state);
    expect(fade(state, NOW + 60_000).activity.size).toBe(0);
  });

  test("a colleague who answers is shown, I am not", () => {
    const writes = (member: typeof ANA, on = true): Frame => ({
      kind: "member.typing",
      data: { ticket_id: "t1", member, on },
    });
    const state = hear(started([row]), writes(ANA), writes(BRUNO));
    expect(state.writers.get("t1")?.map((writer) => writer.name)).toEqual(["Ana Lima"]);
    expect(hear(state, writes(ANA, false)).writers.size).toBe(0);
    const sent: Frame = { kind: "message.sent", data: { message: ours("m"), ticket: row } };
    expect(hear(state, sent).writers.size).toBe(0);
  });
});

test("connections are replaced by newer versions only, and a kind we do not know changes nothing", () => {
  const state = started([]);
  const shop = { id: "shop", version: 2, name: "Loja", state: "connected" };
  const frame = (over: object) =>
    ({ kind: "connection.state_changed", data: { connection: { ...shop, ...over } } }) as unknown as Frame;
  const known = hear(state, frame({}));
  expect(known.connections.map((c) => c.state)).toEqual(["connected"]);
  expect(hear(known, frame({ version: 1, state: "failed" }))).toBe(known);
  expect(hear(known, frame({ version: 3, state: "failed" })).connections[0]?.state).toBe("failed");
  expect(hear(known, { kind: "label.changed", data: {} } as unknown as Frame)).toBe(known);
});
