// What was written before: the chats at start, and older messages of a chat when asked for.

import { gateway } from "./gateway.js";
import { createWid } from "./ids.js";
import { learnLid } from "./people.js";
import { attributesOf } from "./shapes.js";
import { chatWith, ingest, messages, nameContact, nameGroup } from "./stores.js";

const CHATS_AT_ONCE = 200;
const MESSAGES_AT_ONCE = 100;
const MOST = 5_000;

/** Resolves to the number of the newest event that the unread messages of the chats count already. */
export async function loadChats() {
  let counted = null;
  let after = null;
  do {
    const page = await gateway.request("chats", { after, limit: CHATS_AT_ONCE });
    page.chats.forEach(showChat);
    counted ??= page.seq;
    after = page.next;
  } while (after !== null);
  return counted;
}

function showChat(row) {
  const id = createWid(row.chat);
  if (row.participants) nameGroup(id, row.name, row.participants);
  else {
    learnLid(id, row);
    nameContact(id, row);
  }
  const chat = chatWith(id);
  chat.set({ name: row.name, formattedTitle: row.name, unreadCount: row.unread });
  if (!row.last_message) return;
  const last = recall(row.last_message);
  if (!chat.lastReceivedKey) chat.set({ lastReceivedKey: last.id, t: last.t });
}

const recall = (row) => {
  const attributes = attributesOf(row);
  return messages.get(attributes.id) ?? ingest(attributes);
};

/** Messages before or after one of a chat, in the order of the chat. */
export async function msgFindByDirection({ anchor, count, direction }) {
  const wanted = Math.min(count, MOST);
  const chat = String(anchor.remote);
  let found = [];
  let from = anchor.id;
  while (from && found.length < wanted) {
    const limit = Math.min(wanted - found.length, MESSAGES_AT_ONCE);
    const page = await gateway.request("messages", { chat, [direction]: from, limit });
    const rows = page.messages.map(recall);
    found = direction === "before" ? [...rows, ...found] : [...found, ...rows];
    from = page.next;
  }
  return { messages: found.map((message) => message.attributes) };
}

/** Have one message in memory that is older than what is; undefined where the network has none. */
export async function recallOne({ remote, id }) {
  const page = await gateway.request("messages", { chat: String(remote), ids: [id] });
  return page.messages.map(recall)[0];
}
