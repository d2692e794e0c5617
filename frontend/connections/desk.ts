// The state of the connections page, and what live frames do to it.
import { signal } from "@preact/signals";
import { createApi } from "../api/client";
import type { Frame } from "../api/frames";
import type { Connection } from "../api/shapes";
import { type Boot, readBoot } from "../boot";
import { createClock } from "../format/time";
import type { LiveState } from "../live/socket";
import { applied, type Cards, firstCards } from "./cards";

interface ConnectionsBoot extends Boot {
  connections: Connection[];
  can_manage: boolean;
}

export const boot = readBoot<ConnectionsBoot>();
export const clock = createClock(boot.locale, boot.tenant.time_zone);
export const cards = signal<Cards>(firstCards(boot.connections));
export const line = signal<LiveState>("connecting");
/** Ticks every half minute, for "há 5 minutos". */
export const now = signal(Date.now());

export const api = createApi({
  base: boot.api,
  tenant: boot.tenant.slug,
  onSignedOut: () => (line.value = "signed_out"),
});

export function hear(frame: Frame): void {
  cards.value = applied(cards.peek(), frame, Date.now());
}

export function put(connection: Connection): void {
  hear({ kind: "connection.state_changed", data: { connection } });
}
