// Ticks: how far messages of ours got. The control API may hold them back, or turn their order round.

import { createWid } from "./ids.js";
import { own } from "./loader.js";
import { messages } from "./stores.js";
import { keyOf } from "./shapes.js";

const WORDS = { 1: "server", 2: "delivery", 3: "read", 4: "played" };

let mode = "normal";
let held = [];

export function receive(event) {
  if (mode === "normal") return apply(event);
  held.push(event);
  return undefined;
}

/** "normal" lets go what was held: in order, or backwards after "reverse". */
export async function setMode(next) {
  const waiting = mode === "reverse" ? held.reverse() : held;
  mode = next;
  if (next !== "normal") return;
  held = [];
  for (const event of waiting) await apply(event);
}

async function apply(event) {
  if (event.level === 1) acknowledge(event);
  else await pass(event);
}

function acknowledge({ chat, ids }) {
  for (const id of ids) {
    const message = messages.get(keyOf({ chat, id, from_me: true }));
    if (message && message.ack < 1) message.set("ack", 1);
  }
}

/** wa-js hears of these through the client's own function, which it wraps on the module. */
async function pass({ chat, ids, level, timestamp, by }) {
  const from = createWid(chat);
  for (const id of ids) messages.get(keyOf({ chat, id, from_me: true }))?.set("ack", level, { silent: true });
  const handle = from.isGroup() ? "handleGroupSimpleReceipt" : "handleChatSimpleReceipt";
  await own("WAWebHandleMsgReceipt")[handle]({
    ack: level,
    ackString: WORDS[level],
    from,
    to: from,
    participant: by ? createWid(by) : null,
    recipient: undefined,
    externalIds: ids,
    ts: timestamp,
  });
}
