// Where a thread's scroller stands: at the bottom and staying there, or held to what is being read.

/** Within this distance the reader is at the bottom, and new messages carry them along. Pixels. */
export const PIN_DISTANCE = 100;
/** Nearer to the top than this, older messages are wanted. */
export const OLDER_DISTANCE = 400;
/** Share of the view above a message that was jumped to. */
const JUMP_SHARE = 0.25;

export interface Anchor {
  element: Element;
  top: number;
}

/** The first item in view and where it is, to be put back there after the list has changed. */
export function anchorOf(scroller: HTMLElement, items: NodeListOf<Element>): Anchor | null {
  const top = scroller.getBoundingClientRect().top;
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]!.getBoundingClientRect().bottom > top) high = middle;
    else low = middle + 1;
  }
  const element = items[low];
  return element ? { element, top: element.getBoundingClientRect().top } : null;
}

export function restore(scroller: HTMLElement, anchor: Anchor | null): void {
  if (!anchor?.element.isConnected) return;
  const moved = anchor.element.getBoundingClientRect().top - anchor.top;
  if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
}

export function fromBottom(scroller: HTMLElement): number {
  return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
}

export function toBottom(scroller: HTMLElement, behavior: ScrollBehavior = "instant"): void {
  scroller.scrollTo({ top: scroller.scrollHeight, behavior });
}

export function jumpTo(scroller: HTMLElement, element: Element, behavior: ScrollBehavior): void {
  const offset = element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  scroller.scrollTo({
    top: scroller.scrollTop + offset - scroller.clientHeight * JUMP_SHARE,
    behavior,
  });
}
