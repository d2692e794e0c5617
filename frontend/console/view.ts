// What of the screen is open or chosen; nothing here outlives the page, except where it says so.
import { signal } from "@preact/signals";
import type { Message, Status } from "../api/shapes";

export const tab = signal<Status>("waiting");
export const dialog = signal<"transfer" | "help" | null>(null);
/** The picture that is looked at. */
export const lightbox = signal<Message | null>(null);
/** Message to answer to, of the open ticket. */
export const replyTo = signal<Message | null>(null);
/** Where new messages began when the open ticket was opened. */
export const unreadMark = signal<{ messageId: string; count: number } | null>(null);
/** The open ticket could not be shown: it is not there (for us), or reading it failed. */
export const trouble = signal<"missing" | "failed" | null>(null);
export const startup = signal<"loading" | "ready" | "error">("loading");

const DETAILS = "balcao:details";

/** The third column, remembered; on narrower screens a drawer that begins closed. */
export const detailsColumn = signal(remembered(DETAILS) !== "closed");
export const detailsDrawer = signal(false);

const wide = matchMedia("(min-width: 1280px)");
export const isWide = signal(wide.matches);
wide.addEventListener("change", () => {
  isWide.value = wide.matches;
  detailsDrawer.value = false;
});

export function toggleDetails(): void {
  if (!isWide.value) {
    detailsDrawer.value = !detailsDrawer.value;
    return;
  }
  detailsColumn.value = !detailsColumn.value;
  try {
    localStorage.setItem(DETAILS, detailsColumn.value ? "open" : "closed");
  } catch {
    // storage may be switched off; then it is simply not remembered
  }
}

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Raised to ask for the keyboard: by an action that ends where one writes. */
export const wantsComposer = signal(0);

export function focusComposer(): void {
  wantsComposer.value += 1;
}
