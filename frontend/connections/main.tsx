// Makes the connections page live: one card per connection on #connections.
import { effect } from "@preact/signals";
import { render } from "preact";
import type { Connection, Page } from "../api/shapes";
import { createLive } from "../live/socket";
import { loadLocale } from "../locales";
import { App } from "./app";
import { WATCHED } from "./cards";
import { api, boot, cards, hear, line, now, put, refreshFigures } from "./desk";

const FIGURES_MS = 10_000;

const live = createLive({
  url: boot.live,
  async load(signal) {
    const page = await api.get<Page<Connection>>("connections/", signal);
    if (!signal.aborted) page.results.forEach(put);
  },
  onFrame: hear,
  onState: (state) => (line.value = state),
});

/** Says once per connection and socket that we look at it; codes come only to who does. */
function watchCodes(): void {
  let watched = new Set<string>();
  effect(() => {
    const wanted = boot.can_manage
      ? cards.value.connections.filter((each) => WATCHED.has(each.state)).map((each) => each.id)
      : [];
    if (line.value !== "live") {
      watched = new Set();
      return;
    }
    for (const id of wanted) {
      if (!watched.has(id)) live.say({ do: "watch", connection: id });
    }
    watched = new Set(wanted);
  });
}

/** A code is told once, to who looks then. Told before we were there, or lost on its way, it is asked for. */
function askAgain(): void {
  if (line.value !== "live" || !boot.can_manage) return;
  for (const { id, state } of cards.value.connections) {
    if (state !== "scan_qr" && state !== "pairing_code") continue;
    const code = state === "scan_qr" ? cards.value.codes.get(id) : cards.value.pairing.get(id);
    if (!(code && code.endsAt > Date.now())) live.say({ do: "watch", connection: id });
  }
}

live.start();
await loadLocale(boot.locale);
const root = document.getElementById("connections")!;
root.replaceChildren();
render(<App />, root);
watchCodes();
setInterval(askAgain, 3_000);
if (!boot.only) setInterval(() => void refreshFigures(), FIGURES_MS);
setInterval(() => (now.value = Date.now()), 30_000);
addEventListener("online", live.wake);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  live.wake();
  if (!boot.only) void refreshFigures();
});
