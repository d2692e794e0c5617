// The life of the client: linking, coming back, losing the network, being sent away.

import { gateway } from "./gateway.js";
import { apply as applyCondition, block, lift } from "./conditions.js";
import { loadChats } from "./history.js";
import { takeIn, takeTyping } from "./incoming.js";
import { own } from "./loader.js";
import { actions, becomeMe, Cmd, Conn, me, NetworkStatus, Socket, SocketState, Stream, StreamInfo, StreamMode } from "./state.js";
import { nameContact } from "./stores.js";
import * as vault from "./vault.js";
import { LogoutReason } from "./words.js";

// Events are taken in one after the other, and only once the chats are there.
let queue = Promise.resolve();
let isLeaving = false;
let passkey = null;
let counted = 0;

export const isLinked = () => gateway.token !== null;
/** What the phone's owner still has to confirm: `{until}`, or null. */
export const awaitedPasskey = () => passkey;

/** `blocked`: the mode of the stream that keeps this page out from the beginning, or nothing. */
export async function start({ blocked } = {}) {
  const link = await vault.readLink();
  if (link) {
    gateway.token = link.token;
    gateway.seq = await vault.readSeq();
    becomeMe(link);
  }
  gateway.onFrame = (frame) => FRAMES[frame.type]?.(frame);
  gateway.onState = onSocketState;
  if (blocked) block(blocked);
  else gateway.connect();
}

function onSocketState(state) {
  if (isLeaving || state !== "closed" || !isLinked()) return;
  Socket.set("state", SocketState.OPENING);
  Stream.set("info", StreamInfo.OPENING);
}

const FRAMES = {
  qr: ({ code }) => {
    Conn.set({ ref: code.split(",")[0], connected: false });
    Stream.set({ mode: StreamMode.QR, info: StreamInfo.PAIRING });
    Socket.set("state", SocketState.UNPAIRED);
  },
  qr_exhausted: () => {
    gateway.close();
    Conn.set("ref", undefined);
    Socket.set("state", SocketState.UNPAIRED_IDLE);
  },
  passkey_required: ({ expires_in: seconds }) => {
    passkey = { until: Date.now() + seconds * 1000 };
    Socket.set("state", SocketState.PAIRING);
    own("WAWebBackendEventBus").BackendEventBus.trigger("passkey_required", { expiresIn: seconds });
  },
  paired: (frame) => {
    passkey = null;
    gateway.token = frame.device;
    gateway.seq = 0;
    Socket.set("state", SocketState.PAIRING);
    Stream.set("info", StreamInfo.PAIRING);
    inOrder(() => vault.keepLink({ token: frame.device, phone: frame.phone, lid: frame.lid, name: frame.name }));
  },
  ready: (frame) => inOrder(() => becomeReady(frame)),
  event: ({ seq, event }) => inOrder(() => onEvent(seq, event)),
  typing: (frame) => inOrder(() => takeTyping(frame)),
  condition: (frame) => inOrder(() => applyCondition(frame)),
  logged_out: () => inOrder(() => leave(LogoutReason.UnknownCompanion)),
  replaced: () => block("CONFLICT"),
};

function inOrder(act) {
  queue = queue.then(act).catch((error) => console.warn("A frame of the network was not taken in:", error));
}

async function becomeReady({ phone, lid, name }) {
  becomeMe({ phone, lid, name });
  nameContact(me.phone, { name, isMe: true });
  NetworkStatus.set("online", true);
  if (!Cmd.isMainLoaded) {
    Stream.set({ mode: StreamMode.SYNCING, info: StreamInfo.SYNCING });
    counted = await loadChats();
    Cmd.isMainLoaded = true;
    Cmd.trigger("main_loaded");
  }
  lift();
  Socket.set("state", SocketState.CONNECTED);
  Stream.set({ mode: StreamMode.MAIN, info: StreamInfo.NORMAL });
  own("WAWebBackendEventBus").BackendEventBus.trigger("offline_delivery_end");
}

async function onEvent(seq, event) {
  if (seq <= gateway.seq) return;
  await takeIn(event, { isCounted: seq <= counted });
  await vault.keepSeq(seq);
  gateway.confirm(seq);
}

/** Unlinked: everything goes, and the page begins anew, as WhatsApp's does. */
async function leave(reason) {
  if (isLeaving) return;
  isLeaving = true;
  gateway.close();
  gateway.token = null;
  await vault.wipe();
  own("WAWebLogoutReason").getErrorCodeFromLogoutReason(reason);
  own("WAWebBackendEventBus").BackendEventBus.trigger("logout");
  Socket.set("state", SocketState.UNPAIRED);
  Cmd.trigger("logout");
  // Whoever listens gets the word out before the page is gone.
  setTimeout(() => location.replace(`?post_logout=1&logout_reason=${reason}`), 200);
}

actions.logOut = async () => {
  try {
    await gateway.request("logout");
  } finally {
    await leave(LogoutReason.UserInitiated);
  }
};

actions.takeOver = () => {
  Socket.set("state", SocketState.OPENING);
  gateway.reconnect();
};

actions.refreshQr = () => {
  if (Socket.state === SocketState.UNPAIRED) {
    gateway.request("refresh_qr").catch(() => gateway.reconnect());
  } else {
    gateway.reconnect();
  }
};

