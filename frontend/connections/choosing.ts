// Which cards are shown, and in which order. Pure.
import type { Connection, ConnectionState, Id } from "../api/shapes";

export const FILTERS = ["all", "connected", "busy", "trouble", "resting"] as const;
export type Filter = (typeof FILTERS)[number];

const OF: Record<Exclude<Filter, "all">, ReadonlySet<ConnectionState>> = {
  connected: new Set(["connected"]),
  busy: new Set(["starting", "scan_qr", "pairing_code", "passkey_required", "syncing"]),
  trouble: new Set(["reconnecting", "logged_out", "failed", "banned"]),
  resting: new Set(["created", "stopped"]),
};

/** By state, and by name, number, profile or sector; trouble is also a number that only says it is well. */
export function chosen(connections: readonly Connection[], filter: Filter, search: string): Connection[] {
  const wanted = plain(search);
  return connections.filter((each) => {
    const isOfKind =
      filter === "all" || OF[filter].has(each.state) || (filter === "trouble" && each.degraded_by !== "");
    return isOfKind && (!wanted || texts(each).some((text) => plain(text).includes(wanted)));
  });
}

function texts({ name, phone, profile_name, sector }: Connection): string[] {
  return [name, phone ?? "", profile_name, sector?.name ?? ""];
}

/** "São João" is found by "sao joao", and +55 11 by 5511. */
function plain(text: string): string {
  const letters = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
  return /^[\d\s()+.-]+$/.test(letters) ? letters.replace(/\D/g, "") : letters;
}

/** The ids with one of them moved to a place; out of bounds is the nearest end. */
export function moved(ids: readonly Id[], id: Id, to: number): Id[] {
  const rest = ids.filter((each) => each !== id);
  const place = Math.min(Math.max(to, 0), rest.length);
  return [...rest.slice(0, place), id, ...rest.slice(place)];
}
