// Opens a ticket: joins it on the socket, then reads it, and remembers where new messages began.
import { batch } from "@preact/signals";
import { ApiError } from "../api/client";
import type { Answer } from "../api/frames";
import type { Id, Message, Page, TicketRow } from "../api/shapes";
import { api, change, say, state } from "./desk";
import { createJoining } from "./joining";
import { keepThreads, meets, putNewest, putOlder, setPhase } from "./state/threads";
import { forgetTicket, putTicket } from "./state/tickets";
import { firstUnread } from "./thread/unread";
import { stopTyping } from "./typing";
import { replyTo, tab, trouble, unreadMark } from "./view";

const PAGE = 50;
/** Pages read to close a gap before the old messages are let go. */
const CATCH_UP_PAGES = 4;
const KEPT_THREADS = 12;

const joining = createJoining({ say, onLate: (id) => void refresh(id) });

/** Tickets that were opened by their address: the list turns to where they stand. */
const fromAddress = new Set<Id>();

/** The page was opened at a ticket's address; the start-up path reads it. */
export function openFirst(id: Id): void {
  fromAddress.add(id);
  change((s) => setPhase({ ...s, openId: id }, id, "loading"));
}

export function openFromHistory(id: Id): void {
  fromAddress.add(id);
  open(id);
}

export function open(id: Id): void {
  const { openId } = state.peek();
  if (openId === id) return;
  leave();
  batch(() => {
    trouble.value = null;
    unreadMark.value = null;
    replyTo.value = null;
    change((s) => ({ ...s, openId: id, left: null }));
    change((s) => keepThreads(s, KEPT_THREADS));
    if (state.peek().threads.get(id)?.phase !== "ready") change((s) => setPhase(s, id, "loading"));
  });
  void joinAndRead(id);
}

export function close(): void {
  leave();
  batch(() => {
    trouble.value = null;
    change((s) => ({ ...s, openId: null, left: null }));
  });
}

function leave(): void {
  const { openId } = state.peek();
  if (!openId) return;
  stopTyping();
  joining.leave(openId);
}

/** Part of the start-up path: the open ticket, since what we know of it. */
export async function rejoin(signal: AbortSignal): Promise<void> {
  const { openId } = state.peek();
  if (!openId) return;
  await joinAndRead(openId, signal);
}

async function joinAndRead(id: Id, signal?: AbortSignal): Promise<void> {
  await joining.join(id);
  if (!signal?.aborted && state.peek().openId === id) await read(id, signal);
}

/** The server answered to what we said. */
export function onAnswer(answer: Answer): void {
  if (answer.kind === "joined") joining.letIn(answer.data.ticket_id);
  else if (answer.data.do === "join") joining.refused();
}

/** Reads the open ticket again after trouble. */
export function readAgain(): void {
  const { openId } = state.peek();
  if (!openId) return;
  trouble.value = null;
  change((s) => setPhase(s, openId, "loading"));
  void read(openId);
}

async function read(id: Id, signal?: AbortSignal): Promise<void> {
  const isFirst = state.peek().threads.get(id)?.phase !== "ready";
  const unread = state.peek().tickets.get(id)?.unread;
  try {
    const [row, page] = await Promise.all([
      api.get<TicketRow>(`tickets/${id}/`, signal),
      readNewest(id, unread ?? 0, signal),
    ]);
    if (signal?.aborted) return;
    batch(() => {
      if (state.peek().openId === id) trouble.value = null;
      if (fromAddress.delete(id)) tab.value = row.status;
      change((s) => putTicket(s, row));
      change((s) => putNewest(s, id, page));
      if (isFirst) markUnread(id, unread ?? row.unread);
    });
  } catch (error) {
    if (signal?.aborted || state.peek().openId !== id) return;
    const isMissing = error instanceof ApiError && (error.status === 404 || error.status === 403);
    // What is on the screen stays there: a failed refresh is the connection's trouble, not the thread's.
    if (isFirst || isMissing) {
      trouble.value = isMissing ? "missing" : "failed";
      change((s) => (isMissing ? forgetTicket(s, id) : setPhase(s, id, "error")));
    }
  }
}

/** The newest messages, page by page, until they reach what we know and what is unread. */
async function readNewest(id: Id, unread: number, signal?: AbortSignal): Promise<Page<Message>> {
  const results: Message[] = [];
  let next: string | null = null;
  for (let pages = 0; pages < CATCH_UP_PAGES; pages++) {
    const page: Page<Message> = await readMessages(id, next, signal);
    results.push(...page.results);
    next = page.next;
    const thread = state.peek().threads.get(id);
    const inbound = results.filter((message) => message.direction === "in").length;
    if (next === null || (meets(thread, { results, next }) && inbound >= unread)) break;
  }
  return { results, next };
}

function readMessages(id: Id, cursor: string | null, signal?: AbortSignal): Promise<Page<Message>> {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (cursor) query.set("cursor", cursor);
  return api.get(`tickets/${id}/messages/?${query}`, signal);
}

function markUnread(id: Id, unread: number): void {
  const thread = state.peek().threads.get(id);
  const first = firstUnread(thread?.messages ?? [], unread);
  unreadMark.value = first ? { messageId: first.id, count: unread } : null;
}

const olderRunning = new Set<Id>();

/** The page before the oldest message that is shown. False when it could not be read. */
export async function loadOlder(id: Id): Promise<boolean> {
  const cursor = state.peek().threads.get(id)?.cursor;
  if (!cursor || olderRunning.has(id)) return true;
  olderRunning.add(id);
  try {
    const page = await readMessages(id, cursor);
    // A thread that was read afresh meanwhile goes on from another place.
    change((s) => (s.threads.get(id)?.cursor === cursor ? putOlder(s, id, page) : s));
    return true;
  } catch {
    return false;
  } finally {
    olderRunning.delete(id);
  }
}

/** Reads the newest messages of the open ticket once more. */
export async function refresh(id: Id): Promise<void> {
  const page = await readNewest(id, 0).catch(() => null);
  if (page && state.peek().openId === id) change((s) => putNewest(s, id, page));
}
