// A window over a long list of rows of one height, by TanStack's virtual core.
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from "@tanstack/virtual-core";
import { type RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

export interface Window {
  items: VirtualItem[];
  /** Height of the whole list, in pixels. */
  height: number;
  show(index: number): void;
}

export function useVirtual(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): Window {
  const [, redraw] = useState(0);
  const options = {
    count,
    estimateSize: () => rowHeight,
    getScrollElement: () => scroller.current,
    overscan: 8,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    initialRect: { width: 340, height: 900 },
    onChange: () => redraw((n) => n + 1),
  };
  const [core] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  core.setOptions(options);
  useLayoutEffect(() => core._didMount(), [core]);
  useLayoutEffect(() => core._willUpdate());
  useLayoutEffect(() => core.measure(), [core, rowHeight]);
  return {
    items: core.getVirtualItems(),
    height: core.getTotalSize(),
    show: (index) => core.scrollToIndex(index, { align: "auto" }),
  };
}
