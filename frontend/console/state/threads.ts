// The messages of a ticket: in order, each once, with our own unanswered ones after them.
import type { Id, Message, Page } from "../../api/shapes";
import { newerMessage } from "./acks";
import { emptyThread, type Local, type State, type Thread, withEntry } from "./shape";

/** Oldest first; ids are time-ordered, so they decide within a millisecond. */
export function inOrder(a: Message, b: Message): number {
  if (a.sent_at !== b.sent_at) return a.sent_at < b.sent_at ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

function inThread(state: State, id: Id, change: (thread: Thread) => Thread): State {
  const thread = state.threads.get(id);
  if (!thread) return state;
  const next = change(thread);
  return next === thread ? state : { ...state, threads: withEntry(state.threads, id, next) };
}

export function putMessage(state: State, message: Message): State {
  return inThread(state, message.ticket_id, (thread) => {
    const index = thread.messages.findLastIndex((known) => known.id === message.id);
    const known = thread.messages[index];
    const newer = known ? newerMessage(known, message) : message;
    if (newer === known) return answered(thread, [message]);
    const oldest = thread.messages[0];
    // News of a message of a page that was not read would leave a gap behind it.
    if (!known && thread.cursor && oldest && inOrder(message, oldest) < 0) return thread;
    const others = known ? thread.messages.filter((_, i) => i !== index) : thread.messages;
    return answered({ ...thread, messages: insert(others, newer) }, [newer]);
  });
}

function insert(messages: readonly Message[], message: Message): Message[] {
  const before = messages.findLastIndex((other) => inOrder(other, message) < 0);
  return messages.toSpliced(before + 1, 0, message);
}

/** Our own bubbles give way to the messages they became. */
function answered(thread: Thread, messages: readonly Message[]): Thread {
  if (!thread.outbox.length) return thread;
  const refs = new Set(messages.map((message) => message.client_ref));
  const outbox = thread.outbox.filter((local) => !refs.has(local.ref));
  return outbox.length === thread.outbox.length ? thread : { ...thread, outbox };
}

function union(known: readonly Message[], told: readonly Message[]): Message[] {
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of told) {
    const old = byId.get(message.id);
    byId.set(message.id, old ? newerMessage(old, message) : message);
  }
  return [...byId.values()].sort(inOrder);
}

/** Of pages read from the newest on: do they reach what we know, so that nothing lies between? */
export function meets(thread: Thread | undefined, page: Page<Message>): boolean {
  if (page.next === null || !thread?.messages.length) return true;
  const newest = thread.messages[thread.messages.length - 1]!;
  const oldest = page.results[page.results.length - 1];
  return !oldest || inOrder(oldest, newest) <= 0;
}

/** The newest messages, read again: joined to what we know, or in its place where a gap remains. */
export function putNewest(state: State, id: Id, page: Page<Message>): State {
  const thread = state.threads.get(id) ?? emptyThread;
  const isFirst = thread.phase !== "ready" || !thread.messages.length;
  const oldest = page.results[page.results.length - 1];
  // Frames may have come before the first page; what is older than it belongs to a later page.
  const early = page.next && oldest ? thread.messages.filter((m) => inOrder(m, oldest) > 0) : thread.messages;
  const known = isFirst || !meets(thread, page) ? early : thread.messages;
  const cursor = known === thread.messages && !isFirst ? thread.cursor : page.next;
  const next: Thread = {
    ...thread,
    phase: "ready",
    messages: union(known, page.results),
    cursor,
  };
  return { ...state, threads: withEntry(state.threads, id, answered(next, page.results)) };
}

/** The page before the oldest message. */
export function putOlder(state: State, id: Id, page: Page<Message>): State {
  return inThread(state, id, (thread) => ({
    ...thread,
    messages: union(thread.messages, page.results),
    cursor: page.next,
  }));
}

export function setPhase(state: State, id: Id, phase: Thread["phase"]): State {
  const thread = state.threads.get(id) ?? emptyThread;
  return { ...state, threads: withEntry(state.threads, id, { ...thread, phase }) };
}

/** Drops the threads that were opened longest ago, except those with unanswered messages. */
export function keepThreads(state: State, limit: number): State {
  const spare = [...state.threads].filter(([id, t]) => id !== state.openId && !t.outbox.length);
  if (spare.length <= limit) return state;
  const dropped = new Set(spare.slice(0, spare.length - limit).map(([id]) => id));
  return { ...state, threads: new Map([...state.threads].filter(([id]) => !dropped.has(id))) };
}

export function addLocal(state: State, local: Local): State {
  return inThread(state, local.ticketId, (thread) => ({
    ...thread,
    outbox: [...thread.outbox, local],
  }));
}

export function changeLocal(state: State, ticketId: Id, ref: Id, change: Partial<Local>): State {
  return inThread(state, ticketId, (thread) => {
    if (!thread.outbox.some((local) => local.ref === ref)) return thread;
    const outbox = thread.outbox.map((local) => (local.ref === ref ? { ...local, ...change } : local));
    return { ...thread, outbox };
  });
}

export function dropLocal(state: State, ticketId: Id, ref: Id): State {
  return inThread(state, ticketId, (thread) => ({
    ...thread,
    outbox: thread.outbox.filter((local) => local.ref !== ref),
  }));
}
