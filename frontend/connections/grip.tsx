// Putting cards in another order: by dragging the grip, or with the arrow keys on it. Moves are read aloud.
import { signal } from "@preact/signals";
import type { Connection } from "../api/shapes";
import { t } from "../locales";
import { Icon } from "../ui/icon";
import { arrange } from "./actions";
import { moved } from "./choosing";
import { cards } from "./desk";
import { reordered } from "./cards";
import { own } from "./icons";

const said = signal("");

export function Announcer() {
  return (
    <p class="sr-only" role="status" aria-live="assertive">
      {said.value}
    </p>
  );
}

const STEPS: Record<string, number> = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };

const ids = () => cards.peek().connections.map((each) => each.id);

export function Grip({ connection }: { connection: Connection }) {
  const { id, name } = connection;
  return (
    <button
      type="button"
      id={`grip-${id}`}
      class="tool grip"
      aria-label={t("order.move", { name })}
      title={t("order.how")}
      aria-description={t("order.how")}
      onKeyDown={(event) => {
        const step = STEPS[event.key] ?? (event.key === "Home" ? -Infinity : event.key === "End" ? Infinity : 0);
        if (!step) return;
        event.preventDefault();
        place(connection, ids().indexOf(id) + step);
      }}
      onPointerDown={(event) => event.button === 0 && drag(event, connection)}
    >
      <Icon of={own.grip} />
    </button>
  );
}

function place({ id, name }: Connection, to: number): void {
  const next = moved(ids(), id, to);
  if (next.join() !== ids().join()) void arrange(next);
  said.value = t("order.moved", { name, place: next.indexOf(id) + 1, count: next.length });
  // A card that moves in the page loses the focus that was on its grip.
  requestAnimationFrame(() => document.getElementById(`grip-${id}`)?.focus());
}

/** Follow the pointer: the card goes where it is, and is kept there when it lets go. */
function drag(event: PointerEvent, connection: Connection): void {
  const before = ids();
  const follow = (move: PointerEvent) => {
    const over = document.elementFromPoint(move.clientX, move.clientY)?.closest("[data-connection]");
    const other = over?.getAttribute("data-connection");
    if (!other || other === connection.id) return;
    cards.value = reordered(cards.peek(), moved(ids(), connection.id, ids().indexOf(other)));
  };
  const stop = (end: PointerEvent) => {
    removeEventListener("pointermove", follow);
    removeEventListener("pointerup", stop);
    removeEventListener("pointercancel", stop);
    const after = ids();
    if (end.type === "pointercancel") cards.value = reordered(cards.peek(), before);
    else if (after.join() !== before.join()) void keep(before, after, connection);
  };
  event.preventDefault();
  document.getElementById(`grip-${connection.id}`)?.focus();
  addEventListener("pointermove", follow);
  addEventListener("pointerup", stop);
  addEventListener("pointercancel", stop);
}

async function keep(before: string[], after: string[], { id, name }: Connection): Promise<void> {
  cards.value = reordered(cards.peek(), before); // what is refused goes back to here
  await arrange(after);
  said.value = t("order.moved", { name, place: after.indexOf(id) + 1, count: after.length });
}
