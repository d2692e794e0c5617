// Our unanswered messages in the shape of the others, so that one bubble draws both.
import type { Message, Person } from "../../api/shapes";
import type { Local } from "../state/shape";
import type { Bubble } from "./grouping";

const shown = new WeakMap<Local, Bubble>();

export function localBubble(local: Local, me: Person | null): Bubble {
  let bubble = shown.get(local);
  if (!bubble) {
    bubble = { key: local.ref, message: asMessage(local, me), local };
    shown.set(local, bubble);
  }
  return bubble;
}

function asMessage(local: Local, me: Person | null): Message {
  const { file } = local;
  return {
    id: local.ref,
    ticket_id: local.ticketId,
    version: 0,
    direction: "out",
    kind: file ? file.kind : "text",
    text: local.text,
    author: me && { id: me.id, name: me.name },
    origin: "console",
    sent_at: local.at,
    ack: local.state === "failed" ? "failed" : "pending",
    waits: null,
    error: local.error,
    quoted: local.quoted,
    reactions: [],
    media: file && {
      id: local.ref,
      state: "pending",
      mime: file.mime,
      size: file.size,
      name: file.name,
      seconds: null,
      width: file.width,
      height: file.height,
      url: "",
    },
    location: null,
    entry: null,
    edited_at: null,
    deleted_at: null,
    client_ref: local.ref,
  };
}
