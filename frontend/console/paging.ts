// Reads the lists further down: the first page of a list not seen yet, and the pages after it.
import type { Status } from "../api/shapes";
import { change, state } from "./desk";
import { readPage } from "./startup";
import type { Phase } from "./state/shape";
import { putPage } from "./state/tickets";

function setPhase(status: Status, phase: Phase): void {
  change((s) => ({ ...s, lists: { ...s.lists, [status]: { ...s.lists[status], phase } } }));
}

/** The list's first page, unless it is there or on its way. */
export async function showList(status: Status): Promise<void> {
  const { phase } = state.peek().lists[status];
  if (phase === "ready" || phase === "loading") return;
  await readInto(status, null);
}

export async function loadMore(status: Status): Promise<void> {
  const list = state.peek().lists[status];
  if (list.phase !== "ready" || !list.cursor) return;
  await readInto(status, list.cursor);
}

async function readInto(status: Status, cursor: string | null): Promise<void> {
  setPhase(status, "loading");
  try {
    const page = await readPage(status, cursor);
    if (isWanted(status, cursor)) change((s) => putPage(s, status, page));
  } catch {
    if (isWanted(status, cursor)) setPhase(status, "error");
  }
}

/** A list that was read afresh meanwhile goes on from another place. */
function isWanted(status: Status, cursor: string | null): boolean {
  const list = state.peek().lists[status];
  return list.phase === "loading" && list.cursor === cursor;
}

/** After an error: goes on where it stopped. */
export function retryList(status: Status): void {
  void readInto(status, state.peek().lists[status].cursor);
}
