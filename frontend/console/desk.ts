// The console's one state, and the way to the server; everything with consequences starts here.
import { computed, signal } from "@preact/signals";
import { createApi } from "../api/client";
import type { Word } from "../api/frames";
import { type Boot, readBoot } from "../boot";
import { createClock } from "../format/time";
import type { Live, LiveState } from "../live/socket";
import type { UploadRules } from "./files";
import { nothing, type State } from "./store";

interface ConsoleBoot extends Boot {
  inbox: string;
  ticket: string | null;
  upload: UploadRules;
  /** How long the text of a message may be. */
  max_chars: number;
}

export const boot = readBoot<ConsoleBoot>();
export const clock = createClock(boot.locale, boot.tenant.time_zone);

export const state = signal<State>(nothing);
export const line = signal<LiveState>("connecting");
/** Ticks every half minute, for "há 5 min". */
export const now = signal(Date.now());

export const api = createApi({
  base: boot.api,
  tenant: boot.tenant.slug,
  onSignedOut: () => (line.value = "signed_out"),
});

export function change(step: (state: State) => State): void {
  state.value = step(state.peek());
}

let live: Live | null = null;

export function setLive(opened: Live): void {
  live = opened;
}

export function say(word: Word): boolean {
  return live?.say(word) ?? false;
}

export function wake(): void {
  live?.wake();
}

// Parts that change seldom, so that what shows them is not drawn again for every message.
export const me = computed(() => state.value.me);
export const activity = computed(() => state.value.activity);
export const left = computed(() => state.value.left);
export const sectors = computed(() => state.value.sectors);
export const openId = computed(() => state.value.openId);
export const openTicket = computed(() => {
  const { openId, tickets } = state.value;
  return openId ? (tickets.get(openId) ?? null) : null;
});
export const openThread = computed(() => {
  const { openId, threads } = state.value;
  return openId ? (threads.get(openId) ?? null) : null;
});
export const isMine = computed(() => {
  const ticket = openTicket.value;
  return ticket?.status === "in_service" && ticket.assignee?.id === state.value.me?.id;
});
/** The number of the open ticket is not connected: what is written waits for it. */
export const isDown = computed(() => {
  const number = openTicket.value?.connection.id;
  const connection = state.value.connections.find((each) => each.id === number);
  return connection !== undefined && connection.state !== "connected";
});
