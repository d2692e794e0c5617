// What the network tells of chats: messages, ticks, reactions, edits, deletions, typing.

import { receive } from "./receipts.js";
import { recallOne } from "./history.js";
import { createWid } from "./ids.js";
import { own } from "./loader.js";
import { rewrite } from "./sending.js";
import { attributesOf, keyOf } from "./shapes.js";
import { chats, chatWith, forget, groups, messages, nameContact, nameGroup } from "./stores.js";
import { learnLid } from "./people.js";

const CHAT_STATES = { typing: "composing", recording: "recording", idle: "available" };

/** One event of the network, by its kind. `isCounted`: what is unread counts it already. */
export async function takeIn(event, { isCounted }) {
  await EVENTS[event.kind]?.(event, isCounted);
}

const EVENTS = {
  message: ({ message }, isCounted) => takeMessage(message, isCounted),
  ack: (event) => receive(event),
  reaction: (event) => takeReaction(event),
  edited: (event) => takeEdit(event),
  revoked: (event) => takeDeletion(event),
  group: (event) => takeGroup(event),
};

async function takeMessage(row, isCounted) {
  const attributes = attributesOf(row, { isNew: true });
  const { id } = attributes;
  if (messages.get(id)?.isNewMsg) return;
  forget(id);
  const chat = chatWith(id.remote);
  if (!id.fromMe) {
    const author = attributes.author ?? id.remote;
    learnLid(author, row.sender);
    nameContact(author, { name: row.sender.name });
    if (!id.remote.isGroup()) chat.set({ name: row.sender.name, formattedTitle: row.sender.name });
    if (!isCounted) chat.set("unreadCount", Math.max(chat.unreadCount, 0) + 1);
    settlePresence(chat, "idle");
  }
  await messages.processMultipleMessages(id.remote, [attributes]);
}

/** The message that an event is about, from the network where it is not in memory. */
async function targetOf({ chat, target_id: target }) {
  const known = [...(chats.get(chat)?.msgs.getModelsArray() ?? [])].reverse().find(({ id }) => id.id === target);
  if (known) return known;
  return recallOne({ remote: chat, id: target });
}

/** The key of what did it: an event of its own, with an author of its own. */
const eventKey = ({ chat, id, from_me, author }) => keyOf({ chat, id, from_me, author });

async function takeReaction(event) {
  const target = await targetOf(event);
  if (!target) return;
  const key = eventKey(event);
  const { author } = attributesOf({ ...event, kind: "text" });
  const reaction = {
    id: String(key),
    reactionParentKey: String(target.id),
    reactionText: event.emoji,
    read: false,
    from: String(author ?? (key.fromMe ? key.participant : key.remote)),
    // wa-js takes what is older than the moment it looks for history and does not tell it.
    t: Date.now() + 1000,
    orphan: 0,
  };
  await own("WAWebReactions").addOrUpdateReactionsModelCollection([reaction]);
}

async function takeEdit(event) {
  const target = await targetOf(event);
  if (target) rewrite(target, event.text, eventKey(event), event.timestamp);
}

async function takeDeletion(event) {
  const target = await targetOf(event);
  if (!target || target.type === "revoked") return;
  const notice = {
    id: eventKey(event),
    type: "protocol",
    subtype: event.from_me ? "sender_revoke" : "revoke",
    protocolMessageKey: target.id,
    from: target.from,
    to: target.to,
    author: target.author,
    isNewMsg: true,
    t: event.timestamp,
  };
  await messages.processMultipleMessages(target.id.remote, [notice]);
  target.set({ type: "revoked", body: undefined, caption: undefined });
}

/** wa-js hears who came and who left through the client's own function, which it wraps. */
async function takeGroup({ chat, subject, participants }) {
  const id = createWid(chat);
  const before = groups.get(id)?.participants?.map((member) => String(member.id));
  nameGroup(id, subject, participants);
  if (!before) return;
  const changes = {
    add: participants.filter((member) => !before.includes(member)),
    remove: before.filter((member) => !participants.includes(member)),
  };
  for (const [actionType, members] of Object.entries(changes).filter(([, some]) => some.length)) {
    const info = { chatId: id, author: createWid(participants[0] ?? before[0]), pushname: "" };
    const action = { actionType, participants: members.map((member) => ({ id: createWid(member) })) };
    await own("WAWebGroupActionDB").updateDBForGroupAction(info, action);
  }
}

export function takeTyping({ chat, activity, author }) {
  settlePresence(chatWith(createWid(chat)), activity, author);
}

function settlePresence(chat, activity, author) {
  const { presence } = chat;
  if (activity === "idle" && !presence.hasData) return;
  presence.set({ hasData: true, isOnline: true });
  const state = CHAT_STATES[activity];
  if (author) {
    const [member] = presence.chatstates.add({ id: createWid(author) });
    member.set("type", state);
  }
  presence.chatstate.set("type", state);
}

