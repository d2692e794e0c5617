// What one does to a connection: start, stop, log out, rename.
import { signal } from "@preact/signals";
import { ApiError, type Method } from "../api/client";
import type { Connection } from "../api/shapes";
import { coded, t } from "../locales";
import { toast } from "../ui/toast";
import { api, put } from "./desk";

export const busy = signal<string | null>(null);

async function act(id: string, method: Method, path: string, body?: unknown): Promise<boolean> {
  busy.value = id;
  try {
    const answer = await api.send<Connection | undefined>(method, `connections/${id}/${path}`, body);
    if (answer?.id === id) put(answer);
    return true;
  } catch (error) {
    const known = error instanceof ApiError ? (coded("error", error.code) ?? error.message) : "";
    toast(known || t("error.generic"), { tone: "error" });
    return false;
  } finally {
    busy.value = null;
  }
}

export const start = (id: string) => act(id, "PUT", "run/");
export const stop = (id: string) => act(id, "DELETE", "run/");
export const logOut = (id: string) => act(id, "DELETE", "link/");
export const rename = (id: string, name: string) => act(id, "PATCH", "", { name });
