// The messages of a thread: in order, each once, whoever tells of them first.
import { describe, expect, test } from "vitest";
import type { Message } from "../../api/shapes";
import { at, message, ours, started, ticket } from "../../testing/world";
import type { Local, State } from "./shape";
import {
  addLocal,
  changeLocal,
  dropLocal,
  keepThreads,
  meets,
  putMessage,
  putNewest,
  putOlder,
  setPhase,
} from "./threads";

const thread = (state: State) => state.threads.get("t1")!;
const ids = (state: State) => thread(state).messages.map((m) => m.id);
const shown = (state: State) => [...ids(state), ...thread(state).outbox.map((local) => local.ref)];

function opened(...messages: Message[]): State {
  const results = [...messages].reverse();
  return putNewest(started([ticket("t1")]), "t1", { results, next: "older" });
}

function local(ref: string): Local {
  const base = { ticketId: "t1", text: ref, quoted: null, file: null, at: at(100) };
  return { ...base, ref, state: "sending", progress: null, error: null };
}

describe("order", () => {
  test("by the time they were sent, then by id", () => {
    let state = opened(message("b", { sent_at: at(10) }));
    state = putMessage(state, message("d", { sent_at: at(30) }));
    state = putMessage(state, message("c", { sent_at: at(20) }));
    state = putMessage(state, message("a2", { sent_at: at(30) }));
    expect(ids(state)).toEqual(["b", "c", "a2", "d"]);
  });

  test("a message whose time was corrected moves", () => {
    let state = opened(message("a", { sent_at: at(1) }), message("b", { sent_at: at(2) }));
    state = putMessage(state, message("a", { sent_at: at(3), version: 2 }));
    expect(ids(state)).toEqual(["b", "a"]);
  });

  test("news of a message older than the pages that were read leave no gap", () => {
    const state = opened(message("m", { sent_at: at(50) }));
    expect(putMessage(state, message("old", { sent_at: at(1), version: 4 }))).toBe(state);
  });

  test("older pages go before, without doubles", () => {
    let state = opened(message("c", { sent_at: at(30) }));
    const results = [message("c", { sent_at: at(30) }), message("a", { sent_at: at(10) })];
    state = putOlder(state, "t1", { results, next: null });
    expect(ids(state)).toEqual(["a", "c"]);
    expect(thread(state).cursor).toBeNull();
  });
});

describe("versions and ticks", () => {
  test("a newer version replaces, an equal or older one does not", () => {
    const state = opened(message("m", { version: 3, text: "novo" }));
    expect(putMessage(state, message("m", { version: 3, text: "igual" }))).toBe(state);
    expect(putMessage(state, message("m", { version: 2, text: "velho" }))).toBe(state);
    const edited = putMessage(state, message("m", { version: 4, text: "editado" }));
    expect(thread(edited).messages[0]?.text).toBe("editado");
  });

  test("ticks that arrive out of order only rise", () => {
    let state = opened(ours("m"));
    state = putMessage(state, ours("m", { version: 2, ack: "read" }));
    state = putMessage(state, ours("m", { version: 3, ack: "delivered", text: "editada" }));
    expect(thread(state).messages[0]).toMatchObject({ ack: "read", version: 3, text: "editada" });
  });

  test("what failed may be tried again; what was read has not failed", () => {
    const failed = putMessage(
      opened(ours("m", { ack: "pending" })),
      ours("m", { version: 2, ack: "failed" }),
    );
    expect(thread(failed).messages[0]?.ack).toBe("failed");
    const again = putMessage(failed, ours("m", { version: 3, ack: "pending" }));
    expect(thread(again).messages[0]?.ack).toBe("pending");
    const read = putMessage(opened(ours("m", { ack: "read" })), ours("m", { version: 2, ack: "failed" }));
    expect(thread(read).messages[0]?.ack).toBe("read");
    const refused = putMessage(opened(ours("m", { ack: "sent" })), ours("m", { version: 2, ack: "failed" }));
    expect(thread(refused).messages[0]?.ack).toBe("failed");
  });
});

describe("our own bubbles", () => {
  const sent = ours("m9", { client_ref: "ref", sent_at: at(101), ack: "pending" });
  const frame = { ...sent, version: 2, ack: "sent" as const };

  test("stand after the others in the order they were written", () => {
    let state = addLocal(addLocal(opened(message("a")), local("one")), local("two"));
    state = putMessage(state, message("b", { sent_at: at(200) }));
    expect(shown(state)).toEqual(["a", "b", "one", "two"]);
  });

  test("the answer first, then the frame: one bubble", () => {
    let state = addLocal(opened(message("a")), local("ref"));
    state = dropLocal(putMessage(state, sent), "t1", "ref");
    expect(shown(state)).toEqual(["a", "m9"]);
    state = putMessage(state, frame);
    expect(shown(state)).toEqual(["a", "m9"]);
    expect(thread(state).messages[1]?.ack).toBe("sent");
  });

  test("the frame first, then the answer: one bubble, and the newer of the two", () => {
    let state = addLocal(opened(message("a")), local("ref"));
    state = putMessage(state, frame);
    expect(shown(state)).toEqual(["a", "m9"]);
    state = dropLocal(putMessage(state, sent), "t1", "ref");
    expect(shown(state)).toEqual(["a", "m9"]);
    expect(thread(state).messages[1]?.version).toBe(2);
  });

  test("a page read after a reconnect replaces them too", () => {
    let state = addLocal(opened(message("a")), local("ref"));
    state = putNewest(state, "t1", { results: [sent, message("a")], next: "older" });
    expect(shown(state)).toEqual(["a", "m9"]);
  });

  test("a failure colours the bubble; one that was answered meanwhile is left alone", () => {
    const failed = { state: "failed", error: { code: "offline", message: "" } } as const;
    const state = addLocal(opened(), local("ref"));
    expect(thread(changeLocal(state, "t1", "ref", failed)).outbox[0]?.state).toBe("failed");
    const answered = putMessage(state, sent);
    expect(changeLocal(answered, "t1", "ref", failed)).toBe(answered);
  });
});

describe("reading again", () => {
  test("frames before the first page are kept, but not below it", () => {
    let state = setPhase(started([ticket("t1")]), "t1", "loading");
    state = putMessage(state, message("new", { sent_at: at(90) }));
    state = putMessage(state, message("ancient", { sent_at: at(1), version: 7 }));
    state = putNewest(state, "t1", { results: [message("b", { sent_at: at(50) })], next: "older" });
    expect(ids(state)).toEqual(["b", "new"]);
    expect(thread(state).cursor).toBe("older");
  });

  test("pages that meet what is known are joined to it and keep its older cursor", () => {
    let state = opened(message("a", { sent_at: at(1) }), message("b", { sent_at: at(2) }));
    const page = { results: [message("c", { sent_at: at(3) }), message("b", { sent_at: at(2) })], next: "x" };
    expect(meets(thread(state), page)).toBe(true);
    state = putNewest(state, "t1", page);
    expect(ids(state)).toEqual(["a", "b", "c"]);
    expect(thread(state).cursor).toBe("older");
  });

  test("pages that do not reach it take its place, so that nothing is missing in between", () => {
    let state = opened(message("a", { sent_at: at(1) }));
    const page = { results: [message("z", { sent_at: at(99) })], next: "gap" };
    expect(meets(thread(state), page)).toBe(false);
    state = putNewest(state, "t1", page);
    expect(ids(state)).toEqual(["z"]);
    expect(thread(state).cursor).toBe("gap");
  });

  test("messages of a ticket that was never opened are not kept", () => {
    const state = started([ticket("t1")]);
    expect(putMessage(state, message("m"))).toBe(state);
  });

  test("old threads are let go, never the open one nor one with something unsent", () => {
    let state = started([]);
    for (const id of ["a", "b", "c", "d"]) state = setPhase(state, id, "ready");
    state = addLocal({ ...state, openId: "a" }, { ...local("ref"), ticketId: "b" });
    expect([...keepThreads(state, 1).threads.keys()]).toEqual(["a", "b", "d"]);
  });
});
