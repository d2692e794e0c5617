// One line about a ticket's last message: an icon's name and a word for what has no text.
import type { Kind, LastMessage } from "../../api/shapes";
import { type Key, t } from "../../locales";
import { parse, plain } from "../../text/markup";
import { sharedContact } from "../../text/vcard";
import { icons } from "../../ui/icon";

const KINDS: Partial<Record<Kind, { icon: string; word: Key }>> = {
  image: { icon: icons.image, word: "kind.image" },
  video: { icon: icons.video, word: "kind.video" },
  audio: { icon: icons.music, word: "kind.audio" },
  voice: { icon: icons.mic, word: "kind.voice" },
  document: { icon: icons.file, word: "kind.document" },
  sticker: { icon: icons.sticker, word: "kind.sticker" },
  location: { icon: icons.mapPin, word: "kind.location" },
  contact: { icon: icons.contact, word: "kind.contact" },
  unsupported: { icon: icons.info, word: "kind.unsupported" },
};

export interface Preview {
  icon: string | null;
  text: string;
}

export function preview(message: Pick<LastMessage, "kind" | "text">): Preview {
  const kind = KINDS[message.kind];
  const text = message.kind === "contact" ? sharedContact(message.text).name : oneLine(message.text);
  if (!kind) return { icon: null, text };
  return { icon: kind.icon, text: text || t(kind.word) };
}

/** Only the beginning is read: a line shows no more. */
export function oneLine(text: string): string {
  return plain(parse(text.slice(0, 300)))
    .replace(/\s+/g, " ")
    .trim();
}
