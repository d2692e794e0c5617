// Shows its children only when the wait is long enough to be noticed.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

export function Delayed({ ms = 200, children }: { ms?: number; children: ComponentChildren }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isShown ? <>{children}</> : null;
}
