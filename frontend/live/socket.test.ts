// The live socket against a small fake server: start-up, buffering, loss and return.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Frame } from "../api/frames";
import { waitBefore } from "./backoff";
import { createBuffer } from "./buffer";
import { createLive, type LiveState } from "./socket";

class FakeSocket {
  readyState = 1;
  said: string[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string) {
    this.said.push(JSON.parse(text).do);
  }
  close() {
    this.readyState = 3;
  }
  hear(kind: string, data: object = {}) {
    this.onmessage?.({ data: JSON.stringify({ kind, data }) });
  }
  end(code: number) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

function setUp(load: (signal: AbortSignal) => Promise<void> = async () => {}) {
  const sockets: FakeSocket[] = [];
  const frames: string[] = [];
  const states: LiveState[] = [];
  const loads: AbortSignal[] = [];
  const answers: string[] = [];
  const live = createLive({
    url: "/t/acme/live/",
    load: (signal) => {
      loads.push(signal);
      return load(signal);
    },
    onFrame: (frame: Frame) => frames.push(frame.kind),
    onAnswer: (answer) => answers.push(answer.kind),
    onState: (state) => states.push(state),
    connect: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  return { live, sockets, frames, states, loads, answers, last: () => sockets[sockets.length - 1]! };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const tick = () => vi.advanceTimersByTimeAsync(0);

describe("starting", () => {
  test("frames that come while the page state loads are applied after it, in order", async () => {
    let finish = () => {};
    const { live, frames, states, last } = setUp(() => new Promise((done) => (finish = done)));
    live.start();
    last().hear("hello");
    last().hear("ticket.opened");
    last().hear("ticket.taken");
    expect(frames).toEqual([]);
    finish();
    await tick();
    expect(frames).toEqual(["ticket.opened", "ticket.taken"]);
    last().hear("ticket.closed");
    expect(frames).toHaveLength(3);
    expect(states).toEqual(["connecting", "live"]);
  });

  test("an answer to what was said comes through while the page state loads", async () => {
    const { live, frames, answers, last } = setUp(() => new Promise(() => {}));
    live.start();
    last().hear("hello");
    last().hear("joined", { ticket_id: "t1" });
    expect([answers, frames]).toEqual([["joined"], []]);
  });

  test("where no socket opens the page is loaded all the same", async () => {
    const { live, loads } = setUp();
    live.start();
    await vi.advanceTimersByTimeAsync(1_400);
    expect(loads).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(loads).toHaveLength(1);
  });

  test("a page state that cannot be read is tried again with the socket", async () => {
    const { live, sockets, states, last } = setUp(() => Promise.reject(new Error("503")));
    live.start();
    last().hear("hello");
    await tick();
    expect(states).toEqual(["connecting", "lost"]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
  });
});

describe("losing the line", () => {
  test("waits longer each time, and begins anew once it was live", async () => {
    const { live, sockets, last } = setUp();
    live.start();
    for (const wait of [1_000, 1_500, 2_250]) {
      last().end(1006);
      const before = sockets.length;
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(sockets).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(sockets).toHaveLength(before + 1);
    }
    last().hear("hello");
    await tick();
    last().end(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(5);
  });

  test("the start-up path runs again; a load of the lost socket is called off", async () => {
    const { live, loads, last, frames } = setUp(() => new Promise(() => {}));
    live.start();
    const first = last();
    first.hear("hello");
    first.hear("ticket.opened");
    first.end(1006);
    expect(loads[0]?.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    last().hear("hello");
    expect(loads).toHaveLength(2);
    expect(frames).toEqual([]);
  });

  test("changed rights reconnect at once, but not in a tight circle", async () => {
    const { live, sockets, last } = setUp();
    live.start();
    last().end(4403);
    await tick();
    expect(sockets).toHaveLength(2);
    last().end(4403);
    await tick();
    expect(sockets).toHaveLength(2);
  });

  test.each([
    [4401, "signed_out"],
    [4404, "no_tenant"],
  ] as const)("code %i is final: %s", async (code, state) => {
    const { live, sockets, states, last } = setUp();
    live.start();
    last().end(code);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(states.at(-1)).toBe(state);
    expect(sockets).toHaveLength(1);
  });
});

describe("keeping the line", () => {
  test("beats every 25 s, and gives up on a line that is silent for a minute", async () => {
    const { live, sockets, states, last } = setUp();
    live.start();
    last().hear("hello");
    await vi.advanceTimersByTimeAsync(50_000);
    expect(last().said).toEqual(["beat", "beat"]);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(states.at(-1)).toBe("lost");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
  });

  test("an answered beat keeps it", async () => {
    const { live, sockets, last } = setUp();
    live.start();
    last().hear("hello");
    for (let i = 0; i < 8; i++) {
      await vi.advanceTimersByTimeAsync(25_000);
      last().hear("beat");
    }
    expect(sockets).toHaveLength(1);
  });

  test("waking up does not sit out a wait", async () => {
    const { live, sockets, last } = setUp();
    live.start();
    last().end(1006);
    live.wake();
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sockets).toHaveLength(2);
  });

  test("waking up over a dead line finds out within seconds", async () => {
    const { live, states, last } = setUp();
    live.start();
    last().hear("hello");
    await tick();
    live.wake();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(states.at(-1)).toBe("lost");
  });

  test("nothing is said into a closed socket", () => {
    const { live, last } = setUp();
    expect(live.say({ do: "beat" })).toBe(false);
    live.start();
    expect(live.say({ do: "join", ticket: "t1" })).toBe(true);
    last().end(1006);
    expect(live.say({ do: "join", ticket: "t1" })).toBe(false);
  });
});

test("waits grow by half from one second to thirty, half of each is jitter", () => {
  expect([0, 1, 2].map((attempt) => waitBefore(attempt, 1))).toEqual([1_000, 1_500, 2_250]);
  expect(waitBefore(50, 1)).toBe(30_000);
  expect(waitBefore(0, 0)).toBe(500);
});

test("a buffer lets held frames through before later ones", () => {
  const seen: number[] = [];
  const buffer = createBuffer<number>((frame) => seen.push(frame));
  buffer.take(1);
  buffer.take(2);
  expect([seen, buffer.held]).toEqual([[], 2]);
  buffer.release();
  buffer.take(3);
  expect([seen, buffer.held]).toEqual([[1, 2, 3], 0]);
});
