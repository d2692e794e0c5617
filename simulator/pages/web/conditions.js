// What may befall a linked client: a ban, a conflict, an old version, no network; on the network's word.

import { gateway } from "./gateway.js";
import { own } from "./loader.js";
import { setMode } from "./receipts.js";
import { NetworkStatus, Socket, SocketState, Stream, StreamInfo, StreamMode } from "./state.js";

const tellBackend = (name, ...values) => own("WAWebBackendEventBus").BackendEventBus.trigger(name, ...values);

/** Kept out: the page says so and does not try again by itself. */
export function block(mode) {
  gateway.close();
  Socket.set("state", SocketState[mode]);
  Stream.set("mode", StreamMode[mode]);
}

const CONDITIONS = {
  none: () => lift(),
  banned: () => {
    tellBackend("account_temporarily_banned", { code: "tos_block" });
    block("TOS_BLOCK");
  },
  business_banned: () => block("SMB_TOS_BLOCK"),
  proxy_block: () => block("PROXYBLOCK"),
  deprecated: () => block("DEPRECATED_VERSION"),
  needs_update: () => Stream.set("needsUpdate", true),
  offline: () => {
    NetworkStatus.set("online", false);
    Stream.set("info", StreamInfo.OFFLINE);
  },
  acks: ({ mode }) => setMode(mode),
  storage_failure: () => tellBackend("storage_initialization_error"),
};

export const apply = async (frame) => CONDITIONS[frame.condition]?.(frame);

/** The network took us in again: what kept us from it is over. */
export function lift() {
  Stream.set("needsUpdate", false);
}
