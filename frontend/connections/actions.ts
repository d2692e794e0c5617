// What one does to a connection: start, stop, log out, rename, put elsewhere, remove, photograph.
import { signal } from "@preact/signals";
import { ApiError, type Method } from "../api/client";
import type { Connection, Id, Page } from "../api/shapes";
import { coded, t, tn } from "../locales";
import { toast } from "../ui/toast";
import { reordered, withPicture } from "./cards";
import { api, cards, hear, put, refreshFigures } from "./desk";

export const busy = signal<string | null>(null);

async function act(id: string, method: Method, path: string, body?: unknown): Promise<boolean> {
  busy.value = id;
  try {
    const answer = await api.send<Connection | undefined>(method, `connections/${id}/${path}`, body);
    if (answer?.id === id) put(answer);
    return true;
  } catch (error) {
    tellRefusal(error);
    return false;
  } finally {
    busy.value = null;
  }
}

function tellRefusal(error: unknown): void {
  const known = error instanceof ApiError ? (coded("error", error.code) ?? error.message) : "";
  toast(known || t("error.generic"), { tone: "error" });
}

export const start = (id: string) => act(id, "PUT", "run/");
export const stop = (id: string) => act(id, "DELETE", "run/");
export const logOut = (id: string) => act(id, "DELETE", "link/");
export const rename = (id: string, name: string) => act(id, "PATCH", "", { name });

export async function remove(id: Id, name: string): Promise<boolean> {
  const isDone = await act(id, "DELETE", "", { name });
  if (isDone) hear({ kind: "connection.removed", data: { connection_id: id } });
  return isDone;
}

/** The picture comes over the live line, if the session can take one. */
export async function photograph(id: Id): Promise<boolean> {
  cards.value = withPicture(cards.peek(), id, "");
  return act(id, "POST", "screenshot/");
}

/** Shown at once; what the server refuses goes back to where it was. */
export async function arrange(ids: readonly Id[]): Promise<void> {
  const before = cards.peek().connections.map((each) => each.id);
  cards.value = reordered(cards.peek(), ids);
  try {
    await api.send("PUT", "connections/order/", { ids });
  } catch (error) {
    cards.value = reordered(cards.peek(), before);
    tellRefusal(error);
  }
}

export async function restoreAll(withStopped: boolean): Promise<boolean> {
  try {
    const started = await api.send<Page<Connection>>("POST", "connections/restore/", {
      with_stopped: withStopped,
    });
    started.results.forEach(put);
    toast(tn("restore.done", started.results.length), { tone: "success" });
    void refreshFigures();
    return true;
  } catch (error) {
    tellRefusal(error);
    return false;
  }
}
