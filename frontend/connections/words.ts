// States of a connection for people: a word, a tone, a sentence; reasons from their codes.
import type { Connection, ConnectionState } from "../api/shapes";
import { coded, t } from "../locales";

export type Tone = "good" | "busy" | "warn" | "bad" | "rest";

const TONES: Record<ConnectionState, Tone> = {
  created: "rest",
  starting: "busy",
  scan_qr: "busy",
  pairing_code: "busy",
  passkey_required: "warn",
  syncing: "busy",
  connected: "good",
  reconnecting: "warn",
  logged_out: "bad",
  failed: "bad",
  banned: "bad",
  stopped: "rest",
};

export function tone({ state }: Connection): Tone {
  return TONES[state] ?? "rest";
}

export function stateWord({ state }: Connection): string {
  return coded("state", state) ?? state;
}

/** What the state means for the work, where the word alone does not say it. */
export function stateText({ state, reason }: Connection): string {
  return coded("reason", reason) ?? coded("state_text", state) ?? t("state_text.other");
}

const OVER: ReadonlySet<ConnectionState> = new Set(["created", "logged_out", "failed", "banned", "stopped"]);
const LINKED: ReadonlySet<ConnectionState> = new Set(["syncing", "connected", "reconnecting"]);

const SHOWS_CODE: ReadonlySet<ConnectionState> = new Set(["scan_qr", "pairing_code", "passkey_required"]);

/** Somebody has to do something on the phone now. */
export function isLinking({ state }: Connection): boolean {
  return SHOWS_CODE.has(state);
}

/** Nothing runs any more; it wants to be started. */
export function isOver({ state }: Connection): boolean {
  return OVER.has(state);
}

export function isLinked({ state, phone }: Connection): boolean {
  return LINKED.has(state) || (state === "stopped" && phone !== null);
}

/** What starting means here. */
export function startWord({ state, reason }: Connection): string {
  if (reason === "qr_exhausted") return t("connection.new_code");
  if (state === "created" || state === "logged_out") return t("connection.link");
  return t("connection.start");
}
