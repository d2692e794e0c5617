// Files on their way out: what kind they are, how large, and a picture of them to look at.
import type { Kind } from "../api/shapes";

/** What the server takes, told with the page. Kinds it does not name go as documents. */
export interface UploadRules {
  max_bytes: number;
  max_pixels: number;
  images: string[];
  videos: string[];
  audios: string[];
}

export type Refusal = "empty" | "too_large" | "too_many_pixels";

export interface Picked {
  id: string;
  file: File;
  kind: Kind;
  /** An object URL, for pictures and films. */
  preview: string | null;
  width: number | null;
  height: number | null;
}

export function kindOf(mime: string, { images, videos, audios }: UploadRules): Kind {
  if (images.includes(mime)) return "image";
  if (videos.includes(mime)) return "video";
  return audios.includes(mime) ? "audio" : "document";
}

/** Why the server would not take a file; null when it would. */
export function refusalOf({ size }: Pick<File, "size">, { max_bytes }: UploadRules): Refusal | null {
  if (size === 0) return "empty";
  return size > max_bytes ? "too_large" : null;
}

export function hasTooManyPixels({ width, height }: Picked, { max_pixels }: UploadRules): boolean {
  return (width ?? 0) * (height ?? 0) > max_pixels;
}

/** Reads a picture's measures, so that its bubble has its size from the start. */
export async function pick(file: File, rules: UploadRules): Promise<Picked> {
  const kind = kindOf(file.type, rules);
  const picked: Picked = { id: newRef(), file, kind, preview: null, width: null, height: null };
  if (kind !== "image" && kind !== "video") return picked;
  const preview = URL.createObjectURL(file);
  if (kind === "video") return { ...picked, preview };
  const image = new Image();
  image.src = preview;
  await image.decode().catch(() => {}); // a broken picture is sent as it is; the server judges it
  return { ...picked, preview, width: image.naturalWidth || null, height: image.naturalHeight || null };
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
