// What the client does to messages: send, edit, delete, react, forward; and what became of it.

import { upload } from "./files.js";
import { gateway, Refused, Unanswered } from "./gateway.js";
import { createWid, MsgKey } from "./ids.js";
import { outgoing } from "./shapes.js";
import { ingest, messages, Msg } from "./stores.js";
import { actions, me } from "./state.js";

const FAILED = -1;
const RETRY_MS = 500;

/** Sends that had no answer yet: told again after a reconnect. The network delivers an id once. */
async function insist(act) {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}

function settle(message, { timestamp }) {
  if (message.ack < 1) message.set("ack", 1);
  return { messageSendResult: "OK", t: timestamp };
}

function fail(message, error) {
  if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
  message.set("ack", FAILED);
  return { messageSendResult: "ERROR_UNKNOWN", t: message.t, errorCode: error.code ?? "unreachable" };
}

async function deliver(message, file) {
  try {
    const stored = file && (await upload(file.blob, file.name));
    if (stored) message.set({ networkFile: stored.id });
    const row = outgoing(message.attributes, stored);
    return settle(message, await insist(() => gateway.request("send", { message: row })));
  } catch (error) {
    return fail(message, error);
  }
}

/** `[promise of the message, promise of the result]`; the message is in its chat at once. */
export function addAndSendMsgToChat(chat, attributes, file) {
  const message = ingest(new Msg(attributes));
  return [Promise.resolve(message), deliver(message, file)];
}

export async function addAndSendMessageEdit(message, edit) {
  const { remote } = message.id;
  const change = { chat: String(remote), target_id: message.id.id, text: edit.body, own_id: edit.id.id };
  await insist(() => gateway.request("edit", change));
  rewrite(message, edit.body, edit.id, edit.t);
}

/** Put an edit into a message; the same edit told twice changes nothing. */
export function rewrite(message, text, key, seconds) {
  if (String(message.latestEditMsgKey) === String(key)) return;
  const where = message.mediaData ? "caption" : "body";
  message.set({ [where]: text, latestEditMsgKey: key, latestEditSenderTimestampMs: seconds * 1000 });
}

export async function sendReactionToMsg(message, emoji) {
  const reaction = { chat: String(message.id.remote), target_id: message.id.id, emoji };
  await insist(() => gateway.request("react", reaction));
  return "OK";
}

actions.revokeMessages = async (chat, list) => {
  for (const message of list) {
    await insist(() => gateway.request("revoke", { chat: String(chat.id), target_id: message.id.id }));
    message.set({ type: "revoked", body: undefined, caption: undefined });
  }
};

/** For ourselves only: the network is not told, as the other side keeps it. */
actions.deleteMessages = async (chat, list) => {
  for (const message of list) {
    chat.msgs.remove(message.id);
    messages.remove(message.id);
  }
};

/** Resolves to those that could not be forwarded. */
export async function forwardMessages({ chat, msgs }) {
  const failed = [];
  for (const original of msgs) {
    const [, sent] = await forwardOne(chat, original);
    if ((await sent).messageSendResult !== "OK") failed.push(original);
  }
  return failed;
}

async function forwardOne(chat, original) {
  const id = new MsgKey({
    fromMe: true,
    remote: createWid(chat.id),
    id: await MsgKey.newId(),
    participant: chat.id.isGroup() ? me.lid : undefined,
  });
  const { quotedStanzaID, quotedParticipant, quotedMsg, ...kept } = original.attributes;
  const now = Math.floor(Date.now() / 1000);
  const copy = { ...kept, id, from: me.phone, to: chat.id, ack: 0, t: now, isForwarded: true, isNewMsg: true };
  const message = ingest(new Msg(copy));
  const request = {
    chat: String(chat.id),
    own_id: id.id,
    target_id: original.id.id,
    from_chat: String(original.id.remote),
  };
  const sent = insist(() => gateway.request("forward", request)).then(
    (result) => settle(message, result),
    (error) => fail(message, error),
  );
  return [message, sent];
}
