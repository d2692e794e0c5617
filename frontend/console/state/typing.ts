// Who is writing right now. Nothing of it is kept: each notice fades unless it is repeated.
import type { Activity } from "../../api/frames";
import type { Id, Person } from "../../api/shapes";
import { type State, withEntry } from "./shape";

export const CONTACT_FADES_MS = 12_000;
export const MEMBER_FADES_MS = 6_000;

export function chatKey(connectionId: Id, chat: string): string {
  return `${connectionId}|${chat}`;
}

export function setActivity(state: State, key: string, activity: Activity, now: number): State {
  if (activity === "idle") {
    if (!state.activity.has(key)) return state;
    return { ...state, activity: withEntry(state.activity, key, undefined) };
  }
  const until = now + CONTACT_FADES_MS;
  return { ...state, activity: withEntry(state.activity, key, { activity, until }) };
}

export function setWriter(state: State, ticketId: Id, member: Person, on: boolean, now: number): State {
  if (member.id === state.me?.id) return state;
  const others = (state.writers.get(ticketId) ?? []).filter((writer) => writer.id !== member.id);
  const writers = on ? [...others, { ...member, until: now + MEMBER_FADES_MS }] : others;
  return { ...state, writers: withEntry(state.writers, ticketId, writers.length ? writers : undefined) };
}

/** Forgets notices that were not repeated. */
export function fade(state: State, now: number): State {
  const activity = [...state.activity].filter(([, notice]) => notice.until > now);
  const writers = [...state.writers].flatMap(([id, all]) => {
    const still = all.filter((writer) => writer.until > now);
    return still.length ? [[id, still.length === all.length ? all : still] as const] : [];
  });
  const isSame =
    activity.length === state.activity.size &&
    writers.length === state.writers.size &&
    writers.every(([id, all]) => state.writers.get(id) === all);
  return isSame ? state : { ...state, activity: new Map(activity), writers: new Map(writers) };
}
