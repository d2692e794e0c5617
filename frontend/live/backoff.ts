// How long to wait before the next attempt: 1 s, growing by half, at most 30 s, with jitter.

const FIRST_MS = 1_000;
const GROWTH = 1.5;
const LONGEST_MS = 30_000;

/** attempt: 0 for the first; random: 0 to 1. Half of each wait is jitter, so that a restarted
 * server is not met by every console in the same instant. Milliseconds. */
export function waitBefore(attempt: number, random: number = Math.random()): number {
  const wait = Math.min(LONGEST_MS, FIRST_MS * GROWTH ** attempt);
  return Math.round(wait * (0.5 + 0.5 * random));
}
