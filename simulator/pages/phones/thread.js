// The third column: one chat, read by being open.

import { bubble, signatureOf } from "./bubble.js";
import { createComposer } from "./composer.js";
import { attempt, avatar, el, icon, iconButton, reconcile } from "./dom.js";
import { day, niceNumber } from "./format.js";
import { api } from "./net.js";
import { currentChat, currentPhone, currentThread, currentTyping, loadOlder, nameOf, open, ordered, state, threadKey } from "./store.js";

const NEAR_END_PX = 120;

let shown = null;

export function drawThread(column) {
  const phone = currentPhone();
  if (!phone || !state.chat) {
    shown = null;
    column.replaceChildren(resting());
    return;
  }
  const key = threadKey(state.phone, state.chat);
  if (shown?.key !== key) shown = build(column, key);
  drawHeader();
  drawMessages();
  shown.composer.draw();
  markRead(phone);
}

function resting() {
  return el("div", { class: "resting" },
    el("span", { class: "empty-icon" }, icon("phone")),
    el("h2", {}, "Telefones de faz de conta"),
    el("p", {}, "Escreva como cliente, responda como empresa, fique sem conexão: tudo fica nesta rede de mentira."));
}

function build(column, key) {
  const parts = {
    key,
    header: el("header", { class: "bar" }),
    headerSignature: "",
    older: el("button", { type: "button", class: "older", hidden: true, on: { click: showOlder } }, "Mensagens anteriores"),
    list: el("ol", { class: "messages", role: "log", "aria-label": "Mensagens" }),
    composer: createComposer(),
    isAtEnd: true,
    reading: false,
  };
  parts.scroll = el("div", { class: "scroll wall", tabindex: "-1", on: { scroll: onScroll } }, parts.older, parts.list);
  parts.toEnd = iconButton("chevron", "Ir para a última mensagem", () => toEnd("smooth"), { class: "round to-end", hidden: true });
  column.replaceChildren(parts.header, el("div", { class: "wall-frame" }, parts.scroll, parts.toEnd), parts.composer.node);
  acceptFiles(column, parts.composer);
  // Pictures that load late, a growing composer or a phone's keyboard must not push the end out of sight.
  new ResizeObserver(() => { if (parts.isAtEnd) toEnd("instant"); }).observe(parts.list);
  new ResizeObserver(() => { if (parts.isAtEnd) toEnd("instant"); }).observe(parts.scroll);
  return parts;
}

function onScroll() {
  if (!shown) return;
  const { scrollHeight, scrollTop, clientHeight } = shown.scroll;
  shown.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  shown.toEnd.hidden = shown.isAtEnd;
}

function toEnd(behavior) {
  shown?.scroll.scrollTo({ top: shown.scroll.scrollHeight, behavior });
}

async function showOlder() {
  const { scroll } = shown;
  const fromEnd = scroll.scrollHeight - scroll.scrollTop;
  await attempt(() => loadOlder(state.phone, state.chat));
  requestAnimationFrame(() => requestAnimationFrame(() => { scroll.scrollTop = scroll.scrollHeight - fromEnd; }));
}

function drawHeader() {
  const name = nameOf(state.chat) || currentChat()?.name || "";
  const typing = currentTyping();
  const exists = state.phones.has(state.chat);
  const signature = JSON.stringify([name, typing, exists]);
  if (shown.headerSignature === signature) return;
  shown.headerSignature = signature;
  const status = typing === "recording" ? "gravando áudio…" : "digitando…";
  const about = exists ? niceNumber(state.chat) : "Não está nesta rede";
  shown.header.replaceChildren(
    iconButton("back", "Voltar às conversas", () => open(state.phone, null), { class: "round only-narrow" }),
    avatar(name, state.chat),
    el("span", { class: "bar-title" },
      el("strong", {}, name || niceNumber(state.chat)),
      el("span", { class: typing ? "typing" : "muted", "aria-live": "polite" }, typing ? status : about)));
}

function drawMessages() {
  const thread = currentThread();
  const rows = thread ? ordered(thread) : [];
  const count = shown.list.childElementCount;
  shown.older.hidden = !thread?.next;
  reconcile(shown.list, withDays(rows), {
    key: (item) => item.day || item.row.id,
    signature: (item) => (item.day ? "" : signatureOf(item.row, thread, item.isFirst)),
    render: (item) => (item.day ? el("li", { class: "day" }, el("span", {}, item.day)) : bubble(item.row, thread, item.isFirst)),
  });
  const last = rows.at(-1);
  if (shown.list.childElementCount !== count && (shown.isAtEnd || last?.from_me)) toEnd("instant");
}

/** Messages with the days between them; `isFirst` begins a run of one author. */
function withDays(rows) {
  const items = [];
  let before = null;
  for (const row of rows) {
    const isNewDay = !before || day(before.timestamp) !== day(row.timestamp);
    if (isNewDay) items.push({ day: day(row.timestamp) });
    items.push({ row, isFirst: isNewDay || before.from_me !== row.from_me });
    before = row;
  }
  return items;
}

async function markRead(phone) {
  const isSeen = document.visibilityState === "visible" && phone.online && currentThread()?.isLoaded;
  if (!isSeen || !currentChat()?.unread || shown.reading) return;
  const here = shown;
  here.reading = true;
  await attempt(() => api.read(state.phone, state.chat));
  here.reading = false;
}

function acceptFiles(column, composer) {
  column.ondragover = (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  };
  column.ondrop = (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    composer.attach(event.dataTransfer.files[0]);
  };
}
