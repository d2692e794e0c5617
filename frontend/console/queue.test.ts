// Sends keep their order, are patient with the network, and fail without being lost.
import { describe, expect, test } from "vitest";
import { createQueue, type Job } from "./queue";

class Passing extends Error {}

/** A network that does as it is told: each delivery of a job takes the next of its outcomes. */
function network(outcomes: Record<string, (Error | "ok")[]> = {}) {
  const log: string[] = [];
  const failed: string[] = [];
  const queue = createQueue<Job>({
    async deliver({ ref }) {
      log.push(ref);
      await Promise.resolve();
      const outcome = outcomes[ref]?.shift() ?? "ok";
      if (outcome !== "ok") throw outcome;
    },
    isPassing: (error) => error instanceof Passing,
    onFailed: ({ ref }) => failed.push(ref),
    pause: () => Promise.resolve(),
    attempts: 3,
  });
  const settle = () => new Promise((done) => setTimeout(done, 5));
  return { queue, log, failed, settle };
}

const job = (ref: string, lane = "t1") => ({ ref, lane });

describe("the send queue", () => {
  test("one at a time, in the order they were added", async () => {
    const { queue, log, settle } = network({ a: [new Passing()] });
    ["a", "b", "c"].forEach((ref) => queue.add(job(ref)));
    await settle();
    expect(log).toEqual(["a", "a", "b", "c"]);
  });

  test("tickets do not wait for each other", async () => {
    const { queue, log } = network();
    queue.add(job("a", "t1"));
    queue.add(job("b", "t2"));
    expect(log).toEqual(["a", "b"]);
  });

  test("a refused message fails alone and those behind it go on", async () => {
    const { queue, log, failed, settle } = network({ a: [new Error("too long")] });
    queue.add(job("a"));
    queue.add(job("b"));
    await settle();
    expect([log, failed]).toEqual([["a", "b"], ["a"]]);
  });

  test("when the network stays away, those behind fail with it instead of overtaking it", async () => {
    const down = () => [new Passing(), new Passing(), new Passing()];
    const { queue, log, failed, settle } = network({ a: down() });
    queue.add(job("a"));
    queue.add(job("b"));
    await settle();
    expect([log, failed]).toEqual([
      ["a", "a", "a"],
      ["a", "b"],
    ]);
    queue.add(job("a"));
    queue.add(job("b"));
    await settle();
    expect(log.slice(3)).toEqual(["a", "b"]);
  });

  test("what waits can be withdrawn, what is on its way cannot", async () => {
    const { queue, log, settle } = network();
    queue.add(job("a"));
    queue.add(job("b"));
    expect([queue.withdraw("a"), queue.withdraw("b"), queue.withdraw("x")]).toEqual([false, true, false]);
    await settle();
    expect(log).toEqual(["a"]);
  });
});
