// Every ticket has its own address; the back button walks through them.
import { effect } from "@preact/signals";
import { boot, openId } from "./desk";
import { close, open, openFirst, openFromHistory } from "./opening";
import { focusComposer } from "./view";

export function addressOf(ticketId: string | null): string {
  return ticketId ? `${boot.inbox}${ticketId}/` : boot.inbox;
}

function ticketOf(path: string): string | null {
  if (!path.startsWith(boot.inbox)) return null;
  return path.slice(boot.inbox.length).split("/")[0] || null;
}

/** Opens a ticket, or none, and says so in the address bar. */
export function go(ticketId: string | null): void {
  if (ticketId === openId.peek()) return;
  history.pushState(null, "", addressOf(ticketId));
  if (ticketId) open(ticketId);
  else close();
}

export function startRouting(): void {
  const first = boot.ticket ?? ticketOf(location.pathname);
  if (first) openFirst(first);
  addEventListener("popstate", () => {
    const id = ticketOf(location.pathname);
    if (id) openFromHistory(id);
    else close();
  });
  // A ticket that went out of sight has no address any more.
  effect(() => {
    if (!openId.value && ticketOf(location.pathname)) history.replaceState(null, "", boot.inbox);
  });
}

/** Plain clicks stay in the page; with a key held the browser opens its own tab. */
export function follow(event: MouseEvent, ticketId: string): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(ticketId);
  // Who opens a ticket by hand wants to write; on a phone the keyboard would hide the thread.
  if (matchMedia("(pointer: fine)").matches) focusComposer();
}
