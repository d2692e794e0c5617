// What happens by itself as time passes: notices fade, ages grow, counters and gaps are made good.
import { effect } from "@preact/signals";
import { change, line, now, openThread, openTicket, state, wake } from "./desk";
import { refresh } from "./opening";
import { hasUnsent } from "./sending";
import { recount } from "./startup";
import { fade } from "./state/typing";

const AGES_MS = 30_000;
const FADES_MS = 1_000;
const COUNTERS_MS = 60_000;
const DRIFT_MS = 1_500;
const GAP_MS = 800;

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
  watchGap();
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

/** A message may fall between reading a thread and the server's joining us to it. The ticket's row
 * tells of it; when the thread does not have it soon, the thread is read again, once. */
function watchGap(): void {
  let asked = "";
  effect(() => {
    const ticket = openTicket.value;
    const thread = openThread.value;
    if (!ticket?.last_message || thread?.phase !== "ready") return;
    const told = ticket.last_message.at;
    const newest = thread.messages.findLast((message) => message.kind !== "entry");
    const key = `${ticket.id}@${told}`;
    if ((newest && newest.sent_at >= told) || asked === key) return;
    const timer = setTimeout(() => {
      asked = key;
      void refresh(ticket.id);
    }, GAP_MS);
    return () => clearTimeout(timer);
  });
}
