// The modules under the names by which wa-js finds them: who we are, how we are linked, the stores.

import { Emitter } from "./emitter.js";
import { base64 } from "./files.js";
import { createWid, MsgKey, Wid } from "./ids.js";
import * as linking from "./linking.js";
import { Collection, Model } from "./model.js";
import * as people from "./people.js";
import { isLinked } from "./session.js";
import * as state from "./state.js";
import * as stores from "./stores.js";
import * as words from "./words.js";

const decodeB64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;

const ids = {
  WAWebWid: { default: Wid },
  WAWebMsgKey: { default: MsgKey },
  WAWebWidFactory: {
    createWid,
    isWidlike: (value) => value instanceof Wid,
    createWidFromWidLike: (value) => value,
    createUserWidOrThrow: (user, server = "c.us") =>
      createWid(String(user).includes("@") ? user : `${user}@${server}`),
  },
  WABase64: { encodeB64: base64, decodeB64 },
};

const classes = {
  WAWebEventEmitter: { default: Emitter },
  WAWebBackboneCollection: { default: Collection },
  WAWebBaseCollection: { BaseCollection: Collection },
  WAWebBaseModel: { BaseModel: Model, defineModel() {} },
  WAWebMsgModel: { Msg: stores.Msg },
  WAWebChatModel: { Chat: stores.Chat },
  WAWebContactModel: { default: stores.Contact, Contact: stores.Contact },
  WAWebGroupMetadataModel: { default: stores.GroupMetadata },
  WAWebPresenceModel: {
    Presence: stores.Presence,
    Chatstate: stores.Chatstate,
    ChatstateCollection: stores.ChatstateCollection,
  },
};

const collections = {
  WAWebMsgCollection: { MsgCollectionImpl: stores.MsgCollectionImpl, MsgCollection: stores.messages },
  WAWebChatCollection: { ChatCollectionImpl: stores.ChatCollectionImpl, ChatCollection: stores.chats },
  WAWebContactCollection: { ContactCollectionImpl: stores.ContactCollectionImpl, ContactCollection: stores.contacts },
  WAWebGroupMetadataCollection: { default: stores.groups },
  WAWebPresenceCollection: { PresenceCollectionImpl: stores.presences, PresenceCollection: stores.presences },
  WAWebMsgInfoCollection: { MsgInfoCollection: new stores.MsgInfoCollection() },
  WAWebBlocklistCollection: { BlocklistCollection: new Collection() },
  WAWebStatusV3Collection: { StatusV3CollectionImpl: Collection, StatusV3Collection: new Collection() },
  WAWebCallCollection: { CallCollectionImpl: new Collection(), CallCollection: new Collection() },
  WAWebProfilePicThumbCollection: { ProfilePicThumbCollection: new people.ProfilePicThumbCollection() },
};

const meOrThrow = (which) => {
  if (!state.me[which]) throw new Error("there is nobody: this client is not linked");
  return state.me[which];
};
const maybe = (which) => () => (isLinked() ? state.me[which] : undefined);

const link = {
  WAWebUserPrefsMeUser: {
    getMaybeMePnUser: maybe("phone"),
    getMaybeMeLidUser: maybe("lid"),
    getMaybeMeUser: maybe("phone"),
    getMePnUserOrThrow: () => meOrThrow("phone"),
    getMeLidUserOrThrow: () => meOrThrow("lid"),
  },
  WAWebUserPrefsLogin: { isLoggedIn: isLinked, isRegistered: isLinked },
  WAWebConnModel: { Conn: state.Conn, ConnImpl: state.ConnModel },
  WAWebStreamModel: { Stream: state.Stream, StreamMode: state.StreamMode, StreamInfo: state.StreamInfo },
  WAWebSocketModel: { Socket: state.Socket },
  WAWebSocketConstants: { SOCKET_STATE: state.SocketState, SOCKET_STREAM: {}, WATCHED_SOCKET_STATE: {} },
  WAWebNetworkStatus: { default: state.NetworkStatus },
  WAWebCmd: { Cmd: state.Cmd, CmdImpl: state.CmdImpl },
  WAWebBackendEventBus: { BackendEventBus: state.BackendEventBus, BackendEvent: { LOGOUT: "logout" } },
  WAWebAdv: { getADVSecretKey: linking.getADVSecretKey, setADVSignedIdentity() {} },
  WAWebNoiseInfo: { waNoiseInfo: linking.waNoiseInfo },
  WAWebSignalStore: { waSignalStore: linking.waSignalStore },
  WAWebAltDeviceLinkingApi: {
    initializeAltDeviceLinking: async () => {},
    genLinkDeviceCodeForPhoneNumber: linking.genLinkDeviceCodeForPhoneNumber,
  },
  WAWebLinkDeviceEvents: { WAWebLinkDeviceEvents: linking.WAWebLinkDeviceEvents },
  WAWebLogoutReason: {
    LogoutReason: words.LogoutReason,
    LOGOUT_REASON_CODE: {},
    getErrorCodeFromLogoutReason: () => 0,
  },
};

const [primary, secondary, tertiary] = state.VERSION.split(".");

const build = {
  WAWebBuildConstants: {
    VERSION_STR: state.VERSION,
    SANITIZED_VERSION_STR: state.VERSION,
    VERSION_BASE: state.VERSION,
    VERSION_PRIMARY: primary,
    VERSION_SECONDARY: secondary,
    VERSION_TERTIARY: tertiary,
    WINDOWS_BUILD: null,
  },
  WAWebIsOfficialClient: { isOfficialClient: true },
  WAWebAck: { ACK: words.ACK, ACK_STRING: words.ACK_STRING, EDIT_ATTR: words.EDIT_ATTR },
  WAWebMsgType: { MSG_TYPE: words.MSG_TYPE, SYSTEM_MESSAGE_TYPES: [] },
  WAWebSendMsgResult: { SendMsgResult: words.SendMsgResult },
  WAWebNonJidMention: { default: { MENTION_ALL: 1 } },
  WATimeUtils: { unixTime: () => Math.floor(Date.now() / 1000), unixTimeMs: () => Date.now() },
};

export const coreModules = { ...ids, ...classes, ...collections, ...link, ...build };
