// When the modules appear: all at once, or late and in batches, as on a slow line.

import { prepare, reveal } from "./loader.js";

// Milliseconds until the first and the second batch of each profile.
export const PROFILES = { at_once: [0, 0], fast: [200, 600], slow: [1500, 3000], very_slow: [4000, 9000] };

// What Meta's own loader is made of: there from the beginning, and no sign of WhatsApp.
const BOOT = { Bootloader: {}, ErrorUtils: {}, ResourceHasher: {} };

// What the second batch holds: the page works without it, and tells nothing of ticks and reactions.
const LATE = [
  "WAWebHandleMsgReceipt",
  "WAWebReactions",
  "WAWebChatPresence",
  "WAWebPresenceCollection",
];

const pause = (ms) => (ms ? new Promise((done) => setTimeout(done, ms)) : null);

/** Show every module (exports by id) but those that shall be missing. Resolves when all are there. */
export async function register(modules, { profile = "at_once", missing = [] } = {}) {
  prepare({ ...BOOT, ...modules });
  Object.keys(BOOT).forEach(reveal);
  const shown = Object.keys(modules).filter((id) => !missing.includes(id));
  const [first, second] = PROFILES[profile] ?? PROFILES.at_once;
  await pause(first);
  shown.filter((id) => !LATE.includes(id)).forEach(reveal);
  await pause(second - first);
  shown.filter((id) => LATE.includes(id)).forEach(reveal);
}
