// The network's messages as the attributes of the client's models, and the other way round.

import { createWid, MsgKey } from "./ids.js";
import { me } from "./state.js";

const TYPES = {
  text: "chat",
  voice: "ptt",
  contact: "vcard",
  unsupported: "unknown",
};
const KINDS = Object.fromEntries(Object.entries(TYPES).map(([kind, type]) => [type, kind]));

export const typeOf = (kind) => TYPES[kind] ?? kind;
export const kindOf = (type) => KINDS[type] ?? type;

/** The key of a message of the network; in groups it also names who wrote it. */
export function keyOf({ chat, id, from_me: fromMe, author }) {
  const remote = createWid(chat);
  const participant = remote.isGroup() ? (fromMe ? me.lid : author && createWid(author)) : undefined;
  return new MsgKey({ fromMe, remote, id, participant });
}

/** Attributes of a message; `isNew` is what tells news from history. */
export function attributesOf(row, { isNew = false } = {}) {
  const id = keyOf(row);
  const author = id.fromMe ? me.phone : createWid(row.author ?? row.chat);
  const chat = id.remote;
  return {
    id,
    type: row.revoked ? "revoked" : typeOf(row.kind),
    from: id.fromMe ? me.phone : chat,
    to: id.fromMe ? chat : me.phone,
    author: chat.isGroup() ? author : undefined,
    self: id.fromMe ? "out" : "in",
    t: row.timestamp,
    ack: id.fromMe ? (row.level ?? 1) : 1,
    isNewMsg: isNew,
    notifyName: row.sender?.name ?? "",
    ...quoteOf(row),
    ...contentOf(row),
  };
}

function quoteOf(row) {
  return row.quoted_id ? { quotedStanzaID: row.quoted_id, quotedParticipant: createWid(row.chat) } : {};
}

function contentOf(row) {
  if (row.media) return { body: "", ...fileAttributes(row.media, row.text, typeOf(row.kind)) };
  if (row.location) return placeAttributes(row.location);
  if (row.kind === "contact") return { body: cardOf(row.text), vcardFormattedName: nameOn(row.text) };
  return { body: row.text };
}

function fileAttributes(media, caption, type) {
  // Only the network knows the bytes of what it brings: its id of them is as good a name as a hash.
  const filehash = media.id;
  return {
    caption: caption || undefined,
    mimetype: media.mime,
    size: media.size,
    filename: media.name,
    duration: media.seconds ?? undefined,
    width: media.width ?? undefined,
    height: media.height ?? undefined,
    filehash,
    mediaKey: media.id,
    networkFile: media.id,
    mediaData: { type, mimetype: media.mime, size: media.size, filehash, mediaStage: "INIT" },
  };
}

const placeAttributes = ({ latitude, longitude, name, address }) => ({
  body: "",
  lat: latitude,
  lng: longitude,
  loc: [name, address].filter(Boolean).join("\n"),
});

const nameOn = (card) => (/^FN[^:\n]*:(.+)$/m.exec(card)?.[1] ?? card.split("\n")[0]).trim();

/** A vCard; a contact that a person of the network wrote as plain text is put into one. */
function cardOf(text) {
  if (text.startsWith("BEGIN:VCARD")) return text;
  const number = /\+?[0-9][0-9 ().-]{7,}/.exec(text)?.[0].replace(/\D/g, "") ?? "";
  const phone = number && `TEL;type=CELL;waid=${number}:+${number}\n`;
  return `BEGIN:VCARD\nVERSION:3.0\nFN:${nameOn(text)}\n${phone}END:VCARD`;
}

/** A message of ours as the network's `send` takes it. `file` is what the upload gave, if there is one. */
export function outgoing(attributes, file) {
  const kind = kindOf(attributes.type);
  const content = file ? (attributes.caption ?? "") : (attributes.body ?? "");
  const [name = "", address = ""] = (attributes.loc ?? "").split("\n");
  return {
    id: attributes.id.id,
    to: String(attributes.id.remote),
    kind,
    text: kind === "location" ? "" : content,
    quoted_id: attributes.quotedStanzaID ?? null,
    media: file && { ...file, seconds: attributes.duration, width: attributes.width, height: attributes.height },
    location: kind === "location" ? { latitude: attributes.lat, longitude: attributes.lng, name, address } : null,
  };
}
