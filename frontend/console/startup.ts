// The start-up path: read the page state. The same path serves the first load and every reconnect.
import { batch } from "@preact/signals";
import type { Counters, Inbox, Page, Status, TicketRow } from "../api/shapes";
import { api, change, state } from "./desk";
import { rejoin } from "./opening";
import { searchAgain } from "./searching";
import { STATUSES } from "./state/shape";
import { putPage } from "./state/tickets";
import { begin } from "./store";
import { startup } from "./view";

export async function load(signal: AbortSignal): Promise<void> {
  const isFirst = startup.value !== "ready";
  const lists = STATUSES.filter((s) => s !== "closed" || state.peek().lists[s].phase !== "idle");
  try {
    const thread = rejoin(signal);
    const [inbox, ...pages] = await Promise.all([
      api.get<Inbox>("inbox/", signal),
      ...lists.map((status) => readPage(status, null, signal)),
    ]);
    if (signal.aborted) return;
    batch(() => {
      change((s) => begin(s, inbox));
      lists.forEach((status, i) => change((s) => putPage(s, status, pages[i]!, { afresh: true })));
      startup.value = "ready";
    });
    searchAgain();
    await thread;
  } catch (error) {
    if (isFirst && !signal.aborted) startup.value = "error";
    throw error;
  }
}

export function readPage(
  status: Status,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<Page<TicketRow>> {
  const query = new URLSearchParams({ status });
  if (cursor) query.set("cursor", cursor);
  return api.get(`tickets/?${query}`, signal);
}

export async function recount(): Promise<void> {
  const counters = await api.get<Counters>("tickets/counters/").catch(() => null);
  if (counters) change((s) => ({ ...s, counters }));
}
