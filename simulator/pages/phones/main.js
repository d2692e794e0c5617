// The start: draw the three columns whenever something changes, and keep listening.

import { drawChats } from "./chats.js";
import { toast } from "./dom.js";
import { listen } from "./net.js";
import { drawPhones } from "./phones.js";
import { apply, changed, currentPhone, load, openFromAddress, state, watch } from "./store.js";
import { drawThread } from "./thread.js";

const AWAY_MS = 1200;
const desk = document.getElementById("desk");
let awayTimer = null;

function draw() {
  if (!state.isReady) return;
  const phone = currentPhone();
  desk.dataset.pane = phone ? (state.chat ? "thread" : "chats") : "phones";
  desk.classList.toggle("first-run", state.phones.size === 0);
  const unread = [...state.phones.values()].reduce((sum, row) => sum + row.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ""}Telefones de faz de conta`;
  drawPhones(document.getElementById("rail"));
  drawChats(document.getElementById("chats"));
  drawThread(document.getElementById("thread"));
}

function showConnection(isConnected) {
  state.isConnected = isConnected;
  clearTimeout(awayTimer);
  const banner = document.getElementById("offline");
  // A blink of the connection is nobody's business.
  if (isConnected) banner.hidden = true;
  else awayTimer = setTimeout(() => { banner.hidden = false; }, AWAY_MS);
  changed();
}

watch(draw);
openFromAddress();
addEventListener("popstate", openFromAddress);
document.addEventListener("visibilitychange", changed);
listen({
  onOpen: () => load().catch((error) => toast(error.message)),
  onFrame: apply,
  onState: showConnection,
});
