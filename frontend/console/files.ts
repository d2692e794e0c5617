// Files on their way out: what kind they are, how large, and a picture of them to look at.
import type { Kind } from "../api/shapes";

export interface Picked {
  id: string;
  file: File;
  /** An object URL, for pictures and films. */
  preview: string | null;
  width: number | null;
  height: number | null;
}

export function kindOf(mime: string): Kind {
  if (/^image\/(jpeg|png|webp|gif)$/.test(mime)) return "image";
  if (mime.startsWith("video/")) return "video";
  if (mime.startsWith("audio/")) return "audio";
  return "document";
}

/** Reads a picture's measures, so that its bubble has its size from the start. */
export async function pick(file: File): Promise<Picked> {
  const id = newRef();
  const kind = kindOf(file.type);
  if (kind !== "image" && kind !== "video") {
    return { id, file, preview: null, width: null, height: null };
  }
  const preview = URL.createObjectURL(file);
  if (kind === "video") return { id, file, preview, width: null, height: null };
  const image = new Image();
  image.src = preview;
  await image.decode().catch(() => {}); // a broken picture is sent as it is; the server judges it
  return { id, file, preview, width: image.naturalWidth || null, height: image.naturalHeight || null };
}

export function release(picked: Picked): void {
  if (picked.preview) URL.revokeObjectURL(picked.preview);
}

const KEPT_PREVIEWS = 24;
const previews = new Map<string, string>();

/** Keeps a sent picture's preview, so that its bubble does not blink when the server's copy arrives. */
export function keepPreview(ref: string, url: string): void {
  previews.set(ref, url);
  for (const [old, oldUrl] of previews) {
    if (previews.size <= KEPT_PREVIEWS) break;
    previews.delete(old);
    URL.revokeObjectURL(oldUrl);
  }
}

export function previewOf(ref: string | null): string | null {
  return ref ? (previews.get(ref) ?? null) : null;
}

/** A random UUID; also where the page is not on a secure origin and randomUUID is missing. */
export function newRef(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID();
  const bytes: Uint8Array = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
