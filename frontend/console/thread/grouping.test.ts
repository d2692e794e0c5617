// How a thread falls into days, groups and entries.
import { describe, expect, test } from "vitest";
import { ANA, at, BRUNO, message, ours } from "../../testing/world";
import { createClock } from "../../format/time";
import { bubbleOf, byDay, grouped, type Item } from "./grouping";
import { firstUnread } from "./unread";
import type { Message } from "../../api/shapes";

const clock = createClock("pt-BR", "America/Sao_Paulo");

function read(
  messages: Message[],
  mark: { messageId: string; count: number } | null = null,
  before?: Item[],
) {
  return grouped(messages.map(bubbleOf), { dayKey: clock.dayKey, mark, before });
}

const shape = (items: readonly Item[]) =>
  items.map((item) => (item.kind === "group" ? item.bubbles.map((b) => b.message.id).join("+") : item.kind));

describe("groups", () => {
  test("one sender within one clock minute", () => {
    const items = read([
      message("a", { sent_at: at(1) }),
      message("b", { sent_at: at(59) }),
      message("c", { sent_at: at(60) }),
    ]);
    expect(shape(items)).toEqual(["day", "a+b", "c"]);
  });

  test("another member, the phone itself or the customer begin a new one", () => {
    const items = read([
      ours("a", { author: ANA }),
      ours("b", { author: BRUNO }),
      ours("c", { author: null, origin: "phone" }),
      message("d"),
    ]);
    expect(shape(items)).toEqual(["day", "a", "b", "c", "d"]);
  });

  test("a failed message stands alone", () => {
    const items = read([ours("a"), ours("b", { ack: "failed" }), ours("c")]);
    expect(shape(items)).toEqual(["day", "a", "b", "c"]);
  });

  test("an entry breaks a group", () => {
    const entry = message("e", { kind: "entry", direction: "none" });
    expect(shape(read([message("a"), entry, message("b")]))).toEqual(["day", "a", "entry", "b"]);
  });

  test("a group knows when the one above is of the same sender", () => {
    const items = read([
      ours("a", { sent_at: at(1) }),
      ours("b", { sent_at: at(61) }),
      message("c", { sent_at: at(62) }),
    ]);
    const follows = items.flatMap((item) => (item.kind === "group" ? [item.follows] : []));
    expect(follows).toEqual([false, true, false]);
  });

  test("what did not change stays the same thing", () => {
    const first = [ours("a", { sent_at: at(1) }), message("b", { sent_at: at(2) })];
    const before = read(first);
    const after = read([...first, message("c", { sent_at: at(3) })], null, before);
    expect(after[1]).toBe(before[1]);
    expect(after[2]).not.toBe(before[2]);
  });

  test("an optimistic bubble keeps its key when it is answered", () => {
    expect(bubbleOf(ours("server-id", { client_ref: "ref" })).key).toBe("ref");
  });
});

describe("days and new messages", () => {
  test("a day begins at midnight of the tenant, not of UTC", () => {
    const items = read([
      message("a", { sent_at: "2026-11-20T02:59:59.000Z" }),
      message("b", { sent_at: "2026-11-20T03:00:00.000Z" }),
    ]);
    expect(shape(items)).toEqual(["day", "a", "day", "b"]);
    expect(byDay(items).map((day) => day.key)).toEqual(["day-2026-11-19", "day-2026-11-20"]);
  });

  test("the mark stands before the first unread message and breaks its group", () => {
    const messages = [message("a"), message("b"), message("c")];
    expect(shape(read(messages, { messageId: "b", count: 2 }))).toEqual(["day", "a", "unread", "b+c"]);
  });

  test("the first unread message is counted among the customer's own", () => {
    const messages = [message("a"), message("b"), ours("x"), message("c")];
    expect(firstUnread(messages, 2)?.id).toBe("b");
    expect(firstUnread(messages, 9)).toBeNull();
    expect(firstUnread(messages, 0)).toBeNull();
  });
});
