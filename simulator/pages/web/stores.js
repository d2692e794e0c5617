// What the client holds in memory: messages, chats, contacts, groups, presences; each bounded.

import { createWid } from "./ids.js";
import { Collection, Model } from "./model.js";
import { fileOf } from "./files.js";

// Messages beyond this leave the memory, oldest first; the network has them still.
const MOST_MESSAGES = 20_000;
const MOST_PER_CHAT = 2_000;

/** A class of models under the name by which wa-js finds it. */
const named = (name, type) => {
  type.prototype.proxyName = name;
  return type;
};

export const Msg = named("msg", class Msg extends Model {
  get senderObj() {
    return { isMe: this.id.fromMe, id: this.author ?? this.from };
  }

  /** What a reply to this message carries of it. */
  msgContextInfo() {
    return {
      quotedStanzaID: this.id.id,
      quotedParticipant: this.author ?? this.from,
      quotedMsg: { type: this.type, body: this.body },
    };
  }

  async downloadMedia() {
    await fileOf(this);
  }
});

class BoundedMessages extends Collection {
  static model = Msg;

  constructor(most) {
    super();
    this.most = most;
  }

  addOne(item, options) {
    const model = super.addOne(item, options);
    if (this.length > this.most) this.remove(this.head());
    return model;
  }
}

export class MsgCollectionImpl extends BoundedMessages {
  static model = Msg;

  constructor(most = MOST_MESSAGES) {
    super(most);
  }

  /** Take in what arrived for a chat. wa-js wraps this one to hear of deleted messages. */
  async processMultipleMessages(chatId, rows) {
    return rows.map((row) => (row.type === "protocol" ? this.addOne(row, {}) : ingest(row)));
  }
}

export const Chatstate = named("chatstate", class Chatstate extends Model {});
export class ChatstateCollection extends Collection {
  static model = Chatstate;
}

export const Presence = named("presence", class Presence extends Model {
  constructor(attributes) {
    super({ isSubscribed: false, isOnline: false, hasData: false, ...attributes });
    this.chatstate = new Chatstate({ id: attributes.id, type: undefined });
    this.chatstates = new ChatstateCollection();
    this.chatstate.on("change:type", (state) => presences.trigger("change:chatstate.type", state));
  }

  async subscribe() {
    this.set("isSubscribed", true);
  }
});

export class PresenceCollectionImpl extends Collection {
  static model = Presence;
}

export const Chat = named("chat", class Chat extends Model {
  constructor(attributes) {
    super({ unreadCount: 0, isUser: attributes.id.isUser(), isGroup: attributes.id.isGroup(), ...attributes });
    this.msgs = new MsgCollectionImpl(MOST_PER_CHAT);
    this.presence = presences.add({ id: attributes.id, isUser: this.isUser, isGroup: this.isGroup })[0];
  }

  get hasUnread() {
    return this.unreadCount > 0;
  }
});

export class ChatCollectionImpl extends Collection {
  static model = Chat;
}

export const Contact = named("contact", class Contact extends Model {});

export class ContactCollectionImpl extends Collection {
  static model = Contact;
}

export const GroupMetadata = named("group-metadata", class GroupMetadata extends Model {});

export class GroupMetadataCollection extends Collection {
  static model = GroupMetadata;

  _handleParentGroupChange() {}
}

/** Who got how far with a message of ours; this client is not told, and says so. */
export class MsgInfoCollection extends Collection {
  async find(id) {
    return { id, delivery: [], read: [], played: [], deliveryRemaining: 0, readRemaining: 0, playedRemaining: 0 };
  }
}

class Participants extends Collection {
  iAmAdmin() {
    return false;
  }

  iAmMember() {
    return true;
  }
}

export const presences = new PresenceCollectionImpl();
export const messages = new MsgCollectionImpl();
export const chats = new ChatCollectionImpl();
export const contacts = new ContactCollectionImpl();
export const groups = new GroupMetadataCollection();

export function chatWith(id) {
  return chats.get(id) ?? chats.add({ id: createWid(id) })[0];
}

/** Put a message (a model, or its attributes) into its chat and among all messages. */
export function ingest(item) {
  const message = item instanceof Model ? item : new Msg(item);
  const chat = chatWith(message.id.remote);
  if (chat.msgs.get(message.id)) return chat.msgs.get(message.id);
  chat.msgs.addOne(message, {});
  messages.addOne(message, {});
  if (message.isNewMsg) chat.set({ lastReceivedKey: message.id, t: message.t });
  return message;
}

/** A message that history brought is told of as a new one after all: it is the network's news. */
export function forget(id) {
  messages.remove(id);
  chats.get(id.remote)?.msgs.remove(id);
}

export function nameContact(id, { name = "", isMe = false } = {}) {
  const known = contacts.get(id);
  const values = { name, pushname: name, shortName: name, type: "in", isMe, isBusiness: false };
  return known ? known.set(values) : contacts.add({ id: createWid(id), ...values })[0];
}

export function nameGroup(id, subject, participants) {
  const members = new Participants();
  members.add(participants.map((member) => ({ id: createWid(member), isAdmin: false })));
  const group = groups.get(id) ?? groups.add({ id: createWid(id) })[0];
  group.set({ subject, participants: members });
  chatWith(id).set({ name: subject, formattedTitle: subject, groupMetadata: group });
  return group;
}
