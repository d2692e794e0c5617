// Keeps the list still under the pointer: a new order waits until it leaves, but no longer than 2 s.
import { useEffect, useRef, useState } from "preact/hooks";

export const LONGEST_MS = 2_000;

/** May `next` be shown without moving what is on the screen? Only when it continues `shown`. */
export function continues(shown: readonly string[], next: readonly string[]): boolean {
  return next.length >= shown.length && shown.every((id, i) => next[i] === id);
}

/** What to show meanwhile: the old order without what is gone. */
export function stillThere(shown: readonly string[], isKnown: (id: string) => boolean): string[] {
  return shown.filter(isKnown);
}

/** list: what the ids belong to; another list is shown at once. */
export function useSettled(
  list: string,
  next: readonly string[],
  isHeld: boolean,
  isKnown: (id: string) => boolean,
): readonly string[] {
  const shown = useRef({ list, ids: next });
  const [, redraw] = useState(0);
  const waits = isHeld && shown.current.list === list && !continues(shown.current.ids, next);
  useEffect(() => {
    if (!waits) return;
    const timer = setTimeout(() => {
      shown.current = { list, ids: latest.current };
      redraw((n) => n + 1);
    }, LONGEST_MS);
    return () => clearTimeout(timer);
  }, [waits, list]);
  const latest = useRef(next);
  latest.current = next;
  if (!waits) shown.current = { list, ids: next };
  return waits ? stillThere(shown.current.ids, isKnown) : next;
}
