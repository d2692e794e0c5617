// The modules of messages and people, under the names by which wa-js finds them.

import { blobCache } from "./files.js";
import { gateway } from "./gateway.js";
import { msgFindByDirection, recallOne } from "./history.js";
import { OpaqueData, prepRawMedia, uploadLimit } from "./outgoing_files.js";
import * as people from "./people.js";
import * as sending from "./sending.js";
import { chats, chatWith } from "./stores.js";

const EDITABLE = ["chat", "image", "video", "document"];
const nothing = () => undefined;
const no = () => false;

const findChat = async (wid) => chatWith(wid);

async function findOrCreateLatestChat(wid) {
  const created = !chats.get(wid);
  return { chat: { id: chatWith(wid).id }, created };
}

const tellTyping = (activity) => (chat) => gateway.request("typing", { chat: String(chat.id), activity });

async function sendSeen({ chat }) {
  await gateway.request("read", { chat: String(chat.id), all: true });
  chat.set("unreadCount", 0);
}

async function markUnread(chat, isUnread) {
  chat.set("unreadCount", isUnread ? -1 : 0);
}

/** The message that a reply answers, where it is in memory. */
function getQuotedMsgObj(message) {
  const chat = chats.get(message.id.remote);
  return chat?.msgs.findFirst(({ id }) => id.id === message.quotedStanzaID) ?? null;
}

const sends = {
  WAWebFindChat: { findOrCreateLatestChat },
  WAWebFindExistingChat: { findChat },
  WAWebSendMsgChatAction: { addAndSendMsgToChat: sending.addAndSendMsgToChat },
  WAWebSendReactionMsgAction: { sendReactionToMsg: sending.sendReactionToMsg },
  WAWebMsgEdit: { addAndSendMessageEdit: sending.addAndSendMessageEdit },
  WAWebMsgActionCapability: {
    canEditText: ({ id, type }) => id.fromMe && EDITABLE.includes(type),
    canEditMsg: ({ id, type }) => id.fromMe && EDITABLE.includes(type),
  },
  WAWebMsgEditCaption: { canEditCaption: no },
  WAWebChatForwardMessage: { forwardMessages: sending.forwardMessages },
  WAWebMsgReply: { canReplyMsg: ({ type }) => type !== "revoked" },
  WAWebQuotedMsg: { getQuotedMsgObj },
  WAWebEphemeral: { getEphemeralFields: () => ({}) },
  WAWebVcardUtils: {
    vcardFromContactModel: ({ id, name }) => ({
      displayName: name,
      vcard: `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${id.user}:+${id.user}\nEND:VCARD`,
    }),
  },
};

const files = {
  WAWebMediaPrep: { MediaPrep: class MediaPrep {}, prepRawMedia, uploadProductImage() {} },
  WAWebOpaqueData: { default: OpaqueData },
  WAWebMediaGatingUtils: { getUploadLimit: uploadLimit },
  WAWebMediaBlobCache: { InMemoryMediaBlobCacheImpl: class {}, InMemoryMediaBlobCache: blobCache },
  WAWebLruMediaStore: {
    LruMediaStore: { get: async () => null, has: no, put: nothing, del: nothing, clear: nothing, count: () => 0 },
  },
};

// wa-js wraps these functions to hear of ticks and reactions; the client itself has nothing to do in them.
const heard = {
  WAWebHandleMsgReceipt: {
    handleChatSimpleReceipt: async () => {},
    handleGroupSimpleReceipt: async () => {},
    handleStatusSimpleReceipt: async () => {},
  },
  WAWebGroupActionDB: { updateDBForGroupAction: async () => {} },
  WAWebReactions: { addOrUpdateReactionsModelCollection: async () => {} },
};

const reading = {
  WAWebUpdateUnreadChatAction: { sendSeen, markUnread },
  WAWebChatPresence: {
    markComposing: tellTyping("typing"),
    markRecording: tellTyping("recording"),
    markPaused: tellTyping("idle"),
    sendPresenceAvailable() {},
    sendPresenceUnavailable() {},
  },
  WAWebDBMessageFindLocal: { msgFindBefore() {}, msgFindAfter() {}, msgFindByDirection },
  WAWebChatMessageSearch: {
    getSearchContext: (chat, key) => ({
      collection: { loadAroundPromise: recallOne(key), get: (id) => chat.msgs.get(id) },
    }),
  },
};

const nameOf = ({ name, pushname, id }) => name || pushname || id.user;
const { getCurrentLid, getPhoneNumber } = people;

const known = {
  WAWebQueryExistsJob: { queryPhoneExists: nothing, queryWidExists: people.queryWidExists },
  WAWebApiContact: { getCurrentLid, getPhoneNumber },
  WAWebLidPnCache: { lidPnCache: { getCurrentLid, getPhoneNumber } },
  WAWebLid1X1MigrationUtils: { Lid1X1MigrationUtils: { isLidMigrated: no } },
  WAWebQueryAllGroups: { queryAllGroups: people.queryAllGroups },
  WAWebContactGetters: {
    getNotifyName: ({ pushname }) => pushname,
    getIsMe: ({ isMe }) => Boolean(isMe),
    getUserid: ({ id }) => id.user,
    getIsIAS: no,
    getIsSupportAccount: no,
    getIsWAContact: () => true,
    getCanRequestPhoneNumber: no,
    getShowBusinessCheckmarkAsPrimary: no,
    getShowBusinessCheckmarkAsSecondary: no,
    getShowBusinessCheckmarkInChatlist: no,
    getIsDisplayNameApproved: () => true,
    getShouldForceBusinessUpdate: no,
    getIsMyContact: no,
    getMentionName: nameOf,
  },
  WAWebContactFrontendGetters: {
    getPhoneNumber,
    getPnForLid: getPhoneNumber,
    getTextStatusString: nothing,
    getIsMyContact: no,
    getMentionName: nameOf,
    getDisplayNameOrPnForLid: nameOf,
    getFormattedPhone: ({ id }) => `+${id.user}`,
    getSearchName: nameOf,
    getFormattedName: nameOf,
    getFormattedShortName: nameOf,
    getFormattedShortNameWithNonBreakingSpaces: nameOf,
    getFormattedUser: ({ id }) => id.user,
  },
};

export const chatModules = { ...sends, ...files, ...heard, ...reading, ...known };
