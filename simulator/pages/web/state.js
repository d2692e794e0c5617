// How the client stands: linked or not, its stream, its socket, its own numbers.

import { Emitter } from "./emitter.js";
import { createWid } from "./ids.js";
import { Model } from "./model.js";

export const VERSION = "2.3000.1050000000";

export const StreamMode = Object.fromEntries(
  ["MAIN", "QR", "SYNCING", "OFFLINE", "CONFLICT", "PROXYBLOCK", "TOS_BLOCK", "SMB_TOS_BLOCK", "DEPRECATED_VERSION"]
    .map((name) => [name, name]));

export const StreamInfo = Object.fromEntries(
  ["NORMAL", "OPENING", "CONNECTING", "PAIRING", "SYNCING", "RESUMING", "OFFLINE"].map((name) => [name, name]));

export const SocketState = Object.fromEntries(
  ["CONFLICT", "CONNECTED", "DEPRECATED_VERSION", "OPENING", "PAIRING", "PROXYBLOCK", "SMB_TOS_BLOCK", "TIMEOUT",
    "TOS_BLOCK", "UNLAUNCHED", "UNPAIRED", "UNPAIRED_IDLE"].map((name) => [name, name]));

/** Set by the session: what wa-js can ask of these objects. */
export const actions = { logOut() {}, refreshQr() {}, takeOver() {}, deleteMessages() {}, revokeMessages() {} };

export class ConnModel extends Model {}

export class StreamModel extends Model {
  markAvailable() {}

  markUnavailable() {}
}

export class SocketModel extends Model {
  logout() {
    actions.logOut();
  }

  takeover() {
    actions.takeOver();
  }

  poke() {}
}

export class NetworkStatusModel extends Model {
  checkOnline() {}
}

export class CmdImpl extends Emitter {
  isMainLoaded = false;

  refreshQR() {
    actions.refreshQr();
  }

  sendDeleteMsgs(chat, { list }) {
    return actions.deleteMessages(chat, list);
  }

  sendRevokeMsgs(chat, { list }) {
    return actions.revokeMessages(chat, list);
  }

  openChatAt() {}

  openChatBottom() {}

  closeChat() {}
}

export const Conn = new ConnModel({ ref: undefined, connected: false, platform: "android", pushname: "" });
export const Stream = new StreamModel({ mode: undefined, info: StreamInfo.OPENING, needsUpdate: false, available: false });
export const Socket = new SocketModel({ state: SocketState.OPENING });
export const NetworkStatus = new NetworkStatusModel({ online: true });
export const Cmd = new CmdImpl();
export const BackendEventBus = new Emitter();

/** Who we are once linked: Wids, or undefined. */
export const me = { phone: undefined, lid: undefined };

export function becomeMe({ phone, lid, name }) {
  me.phone = createWid(`${phone.slice(1)}@c.us`);
  me.lid = createWid(lid ?? `${phone.slice(1)}@lid`);
  Conn.set({ connected: true, ref: undefined, pushname: name, wid: me.phone });
}
