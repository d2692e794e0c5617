// A countdown for the screen.
import { useEffect, useState } from "preact/hooks";

/** Milliseconds until then, counted down several times a second. */
export function useLeft(endsAt: number | undefined): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (endsAt === undefined) return;
    const count = () => setLeft(Math.max(0, endsAt - Date.now()));
    count();
    const timer = setInterval(count, 250);
    return () => clearInterval(timer);
  }, [endsAt]);
  return left;
}
