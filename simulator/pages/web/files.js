// Files of messages: uploaded to the network, fetched from it, the newest kept in memory.

import { gateway, Refused } from "./gateway.js";

const MOST_BLOBS = 30;

const blobs = new Map();

/** What wa-js asks for downloaded files, by their hash. */
export const blobCache = { has: (hash) => blobs.has(hash), get: (hash) => blobs.get(hash) };

export function remember(hash, blob) {
  blobs.delete(hash);
  blobs.set(hash, blob);
  if (blobs.size > MOST_BLOBS) blobs.delete(blobs.keys().next().value);
}

export function base64(buffer) {
  let text = "";
  for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}

export const hashOf = async (blob) => base64(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));

/** Store a file on the network: `{id, mime, size, name}`. */
export async function upload(blob, name) {
  const headers = {
    ...gateway.headers,
    "Content-Type": blob.type || "application/octet-stream",
    "X-File-Name": encodeURIComponent(name || ""),
  };
  const answer = await fetch("/media", { method: "POST", body: blob, headers });
  const row = await answer.json();
  if (!answer.ok) throw new Refused({ ...row, permanent: answer.status < 500 });
  return row;
}

/** Have the file of a message in memory, from the network if need be. */
export async function fileOf(message) {
  const { filehash, mimetype } = message.mediaData ?? {};
  if (!message.networkFile || blobs.has(filehash)) return;
  const answer = await fetch(`/media/${encodeURIComponent(message.networkFile)}`, { headers: gateway.headers });
  if (!answer.ok) throw new Error(`the network does not have the file (${answer.status})`);
  remember(filehash, new Blob([await answer.arrayBuffer()], { type: mimetype }));
}
