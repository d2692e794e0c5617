// Tells colleagues that I am answering: at most every 3 s, and once when I stop.
import { say, state } from "./desk";

const EVERY_MS = 3_000;
const IDLE_MS = 5_000;

let saidAt = 0;
let saidFor: string | null = null;
let idle: ReturnType<typeof setTimeout> | undefined;

export function noteTyping(): void {
  const { openId } = state.peek();
  if (!openId) return;
  clearTimeout(idle);
  idle = setTimeout(stopTyping, IDLE_MS);
  const isRecent = saidFor === openId && Date.now() - saidAt < EVERY_MS;
  if (isRecent || !say({ do: "typing", ticket: openId, on: true })) return;
  saidAt = Date.now();
  saidFor = openId;
}

export function stopTyping(): void {
  clearTimeout(idle);
  if (saidFor) say({ do: "typing", ticket: saidFor, on: false });
  saidFor = null;
}
