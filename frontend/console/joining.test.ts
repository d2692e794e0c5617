// Joining a ticket: reading waits for the server's word, but not for ever, and nothing is missed.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Word } from "../api/frames";
import { createJoining } from "./joining";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const JOIN = { do: "join", ticket: "t1" };

function setUp({ isLive = true } = {}) {
  const said: Word[] = [];
  const late: string[] = [];
  const read: string[] = [];
  const joining = createJoining({
    say: (word) => (isLive ? said.push(word) > 0 : false),
    onLate: (id) => late.push(id),
  });
  const open = (id: string) => void joining.join(id).then(() => read.push(id));
  return { joining, said, late, read, open };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("what is read is read after the server let us in", async () => {
  const { joining, said, late, read, open } = setUp();
  open("t1");
  await pass(10);
  expect([said, read]).toEqual([[JOIN], []]);
  joining.letIn("t1");
  await pass(60_000);
  expect([said, read, late]).toEqual([[JOIN], ["t1"], []]);
});

test("on a slow line reading goes ahead, and is made good when we are let in", async () => {
  const { joining, late, read, open } = setUp();
  open("t1");
  await pass(300);
  expect([read, late]).toEqual([["t1"], []]);
  joining.letIn("t1");
  expect(late).toEqual(["t1"]);
});

test("a server that does not answer is asked again until it does", async () => {
  const { joining, said, open } = setUp();
  open("t1");
  await pass(8_000);
  expect(said).toEqual([JOIN, JOIN, JOIN]);
  joining.letIn("t1");
  await pass(60_000);
  expect(said).toHaveLength(3);
});

test("with no line there is no waiting", async () => {
  const { read, open } = setUp({ isLive: false });
  open("t1");
  await pass(0);
  expect(read).toEqual(["t1"]);
});

test("a refusal ends the waiting and the asking; reading then tells why", async () => {
  const { joining, said, read, open } = setUp();
  open("t1");
  joining.refused();
  await pass(60_000);
  expect([said, read]).toEqual([[JOIN], ["t1"]]);
});

test("after moving on, nothing is asked or made good for the ticket that was left", async () => {
  const { joining, said, late, open } = setUp();
  open("t1");
  joining.leave("t1");
  open("t2");
  joining.letIn("t1");
  joining.letIn("t2");
  await pass(60_000);
  expect(late).toEqual([]);
  expect(said.map((word) => word.do)).toEqual(["join", "leave", "join"]);
});
