// Single keys for the whole page; never while something is being typed, never over a dialog.
import { openId } from "./desk";
import { rowIds } from "./list/rows";
import { SEARCH_ID } from "./list/search";
import { go } from "./route";
import { detailsDrawer, dialog, isWide, lightbox } from "./view";

const KEYS: Record<string, () => void> = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => document.getElementById(SEARCH_ID)?.focus(),
  "?": () => (dialog.value = "help"),
  Escape: leave,
};

export function startShortcuts(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || dialog.peek() || lightbox.peek()) return;
    const run = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!run) return;
    event.preventDefault();
    run();
  });
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  return (
    target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== "range")
  );
}

/** The next or the previous row of the list as it is shown. */
function step(by: 1 | -1): void {
  const ids = rowIds.peek();
  const at = ids.indexOf(openId.peek() ?? "");
  const next = at < 0 ? ids[0] : ids[at + by];
  if (next) go(next);
}

/** Closes the topmost thing only. */
function leave(): void {
  if (!isWide.peek() && detailsDrawer.peek()) detailsDrawer.value = false;
  else if (openId.peek()) go(null);
}
