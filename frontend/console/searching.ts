// Search runs on the server, a moment after the last key; an answer that was overtaken is dropped.
import { effect, signal } from "@preact/signals";
import type { Page, TicketRow } from "../api/shapes";
import { api, change, state } from "./desk";
import { putFound } from "./state/tickets";
import { tab } from "./view";

const PAUSE_MS = 250;

export const query = signal("");

let timer: ReturnType<typeof setTimeout> | undefined;
let running = new AbortController();

/** Watches the search box and the chosen tab. */
export function watchSearch(): void {
  effect(() => {
    const wanted = query.value.trim();
    const status = tab.value;
    clearTimeout(timer);
    running.abort();
    if (!wanted) {
      change((s) => (s.found ? { ...s, found: null } : s));
      return;
    }
    const { found } = state.peek();
    const kept = found?.status === status ? found.ids : [];
    change((s) => ({
      ...s,
      found: { query: wanted, status, ids: kept, cursor: null, phase: "loading" },
    }));
    timer = setTimeout(() => void run(null), found?.query === wanted ? 0 : PAUSE_MS);
  });
}

export function searchAgain(): void {
  if (state.peek().found) void run(null);
}

export function findMore(): void {
  const { found } = state.peek();
  if (found?.phase === "ready" && found.cursor) void run(found.cursor);
}

async function run(cursor: string | null): Promise<void> {
  const { found } = state.peek();
  if (!found) return;
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const ask = new URLSearchParams({ status: found.status, search: found.query });
  if (cursor) ask.set("cursor", cursor);
  const setPhase = (phase: "loading" | "error") =>
    change((s) => (s.found ? { ...s, found: { ...s.found, phase } } : s));
  setPhase("loading");
  try {
    const page = await api.get<Page<TicketRow>>(`tickets/?${ask}`, signal);
    if (!signal.aborted) change((s) => putFound(s, found.query, page, cursor !== null));
  } catch {
    if (!signal.aborted) setPhase("error");
  }
}
