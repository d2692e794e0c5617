// The live socket: opens, buffers while the page state loads, applies, and comes back when lost.
import type { Answer, Frame, Word } from "../api/frames";
import { waitBefore } from "./backoff";
import { createBuffer } from "./buffer";

export type LiveState = "connecting" | "live" | "lost" | "signed_out" | "no_tenant";

export interface LiveOptions {
  url: string;
  /** The start-up path: read the page state. Runs after every hello, while frames are held back.
   * Rejects when it could not; the signal is aborted when the socket went away meanwhile. */
  load(signal: AbortSignal): Promise<void>;
  onFrame(frame: Frame): void;
  /** Never held back: the start-up path itself waits for answers. */
  onAnswer?(answer: Answer): void;
  onState(state: LiveState): void;
  connect?: (url: string) => WebSocket;
}

export interface Live {
  /** False when nobody is listening; what is said over the socket is worth nothing later. */
  say(word: Word): boolean;
  /** The network or the tab came back: do not sit out a wait, and check that the line is alive. */
  wake(): void;
  start(): void;
  stop(): void;
}

const BEAT_MS = 25_000;
const SILENCE_MS = 60_000;
const ANSWER_MS = 4_000;
const PATIENCE_MS = 1_500;
const FINAL: Record<number, LiveState> = { 4401: "signed_out", 4404: "no_tenant" };
const RIGHTS_CHANGED = 4403;

export function createLive(options: LiveOptions): Live {
  const connect = options.connect ?? ((url: string) => new WebSocket(absolute(url)));
  let socket: WebSocket | null = null;
  let loading = new AbortController();
  let hasLoaded = false;
  let attempt = 0;
  let heardAt = 0;
  let retry: Timer;
  let beat: Timer;
  let probe: Timer;

  function open(): void {
    clearTimeout(retry);
    retry = undefined;
    const opened = connect(options.url);
    socket = opened;
    loading = new AbortController();
    heardAt = Date.now();
    const buffer = createBuffer(options.onFrame);
    const signal = loading.signal;

    opened.onmessage = (event: MessageEvent<string>) => {
      heardAt = Date.now();
      const frame = JSON.parse(event.data) as Frame;
      if (frame.kind === "beat") return;
      if (frame.kind === "hello") void begin();
      else if (frame.kind === "joined" || frame.kind === "refused") options.onAnswer?.(frame);
      else buffer.take(frame);
    };
    opened.onclose = (event: CloseEvent) => lost(event.code);

    async function begin(): Promise<void> {
      try {
        await load(signal);
      } catch {
        if (!signal.aborted) drop(); // the server has troubles: try the whole path again later
        return;
      }
      if (signal.aborted) return;
      buffer.release();
      attempt = 0;
      options.onState("live");
    }
    clearInterval(beat);
    beat = setInterval(keepAlive, BEAT_MS);
  }

  async function load(signal: AbortSignal): Promise<void> {
    hasLoaded = true;
    await options.load(signal);
  }

  function keepAlive(): void {
    if (Date.now() - heardAt > SILENCE_MS) drop();
    else say({ do: "beat" });
  }

  /** Give up on a socket that may never report its own end. */
  function drop(): void {
    socket?.close();
    lost(0);
  }

  function lost(code: number): void {
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket = null;
    loading.abort();
    clearInterval(beat);
    clearTimeout(probe);
    const final = FINAL[code];
    if (final) return options.onState(final);
    options.onState("lost");
    const wait = code === RIGHTS_CHANGED && attempt === 0 ? 0 : waitBefore(attempt);
    attempt += 1;
    retry = setTimeout(open, wait);
  }

  function say(word: Word): boolean {
    if (socket?.readyState !== 1) return false;
    socket.send(JSON.stringify(word));
    return true;
  }

  return {
    say,
    start() {
      options.onState("connecting");
      open();
      // Where sockets are blocked the page must still show what is there.
      setTimeout(() => {
        if (!hasLoaded) load(new AbortController().signal).catch(() => {});
      }, PATIENCE_MS);
    },
    wake() {
      if (retry !== undefined) return open();
      if (!say({ do: "beat" })) return;
      const before = heardAt;
      clearTimeout(probe);
      probe = setTimeout(() => heardAt === before && drop(), ANSWER_MS);
    },
    stop() {
      clearTimeout(retry);
      clearTimeout(probe);
      clearInterval(beat);
      loading.abort();
      if (socket) socket.onmessage = socket.onclose = null;
      socket?.close();
      socket = null;
    },
  };
}

type Timer = ReturnType<typeof setTimeout> | undefined;

function absolute(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
