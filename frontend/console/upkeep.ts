// What happens by itself as time passes: notices fade, ages grow, counters are made good.
import { effect } from "@preact/signals";
import { change, line, now, state, wake } from "./desk";
import { hasUnsent } from "./sending";
import { recount } from "./startup";
import { fade } from "./state/typing";

const AGES_MS = 30_000;
const FADES_MS = 1_000;
const COUNTERS_MS = 60_000;
const DRIFT_MS = 1_500;

export function startUpkeep(): void {
  setInterval(() => (now.value = Date.now()), AGES_MS);
  setInterval(() => {
    const { activity, writers } = state.peek();
    if (activity.size || writers.size) change((s) => fade(s, Date.now()));
  }, FADES_MS);
  setInterval(() => {
    if (document.visibilityState === "visible" && line.peek() === "live") void recount();
  }, COUNTERS_MS);
  addEventListener("online", wake);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    now.value = Date.now();
    wake();
  });
  addEventListener("beforeunload", (event) => {
    if (hasUnsent()) event.preventDefault();
  });
  watchDrift();
}

function watchDrift(): void {
  let seen = state.peek().drift;
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const { drift } = state.value;
    if (drift === seen) return;
    seen = drift;
    // At most once per pause, however many frames of strangers come by.
    timer ??= setTimeout(() => {
      timer = undefined;
      void recount();
    }, DRIFT_MS);
  });
}
