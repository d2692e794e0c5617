// The state of the connections page, and what live frames do to it.
import { signal } from "@preact/signals";
import { createApi } from "../api/client";
import type { Frame } from "../api/frames";
import type { AllFigures, Connection } from "../api/shapes";
import { type Boot, readBoot } from "../boot";
import { createClock } from "../format/time";
import type { LiveState } from "../live/socket";
import { tellAlert } from "../live/alerts";
import { applied, type Cards, firstCards, withFigures } from "./cards";
import type { Filter } from "./choosing";

interface ConnectionsBoot extends Boot {
  connections: Connection[];
  figures?: AllFigures;
  can_manage: boolean;
  /** Kinds of driver whose page can be photographed. */
  photographed?: string[];
  /** The page is about linking this one. */
  only: string | null;
}

export const boot = readBoot<ConnectionsBoot>();
export const clock = createClock(boot.locale, boot.tenant.time_zone);
export const cards = signal<Cards>(firstCards(boot.connections, boot.figures));
export const line = signal<LiveState>("connecting");
export const filter = signal<Filter>("all");
export const search = signal("");
/** Ticks every half minute, for "há 5 minutos". */
export const now = signal(Date.now());

export const api = createApi({
  base: boot.api,
  tenant: boot.tenant.slug,
  onSignedOut: () => (line.value = "signed_out"),
});

export function hear(frame: Frame): void {
  cards.value = applied(cards.peek(), frame, Date.now());
  tellAlert(frame, `/t/${boot.tenant.slug}/connections/`);
}

export function put(connection: Connection): void {
  hear({ kind: "connection.state_changed", data: { connection } });
}

/** Figures are asked for, not told: they change with every message. */
export async function refreshFigures(): Promise<void> {
  if (!boot.can_manage || document.visibilityState === "hidden") return;
  const figures = await api.get<AllFigures>("connections/figures/").catch(() => null);
  if (figures) cards.value = withFigures(cards.peek(), figures);
}
