// The second column: the phone in hand and its chats.

import { askChat, askName, askRemoval } from "./dialogs.js";
import { showDevices } from "./devices.js";
import { attempt, avatar, badge, el, icon, iconButton, reconcile } from "./dom.js";
import { niceNumber, summary, timeOrDay } from "./format.js";
import { menuButton } from "./menu.js";
import { api } from "./net.js";
import { currentPhone, open, state, threadKey } from "./store.js";
import { ticks } from "./ticks.js";

let shown = null;

export function drawChats(column) {
  const phone = currentPhone();
  if (!phone) {
    shown = null;
    column.replaceChildren(welcome());
    return;
  }
  if (shown?.number !== phone.number) shown = build(column, phone.number);
  if (shown.signature !== JSON.stringify(phone)) {
    shown.signature = JSON.stringify(phone);
    shown.header.replaceChildren(...header(phone));
    shown.banner.hidden = phone.online;
  }
  const rows = [...(state.chats.get(phone.number)?.values() || [])].filter((row) => row.last_message);
  rows.sort((a, b) => b.last_message.serial - a.last_message.serial);
  shown.empty.hidden = rows.length > 0 || !state.chats.has(phone.number);
  reconcile(shown.list, rows, {
    key: (row) => row.number,
    signature: (row) => JSON.stringify([row, row.number === state.chat, state.typing.get(threadKey(phone.number, row.number))]),
    render: (row) => chatItem(phone, row),
  });
}

function welcome() {
  return el("div", { class: "scroll" },
    el("div", { class: "empty" },
      el("span", { class: "empty-icon" }, icon("phone")),
      el("h2", {}, "Pegue um telefone"),
      el("p", {}, "Escolha na lista o telefone que você quer usar agora."),
    ),
  );
}

function build(column, number) {
  const parts = {
    number,
    signature: "",
    header: el("header", { class: "bar" }),
    banner: el("p", { class: "banner", hidden: true },
      "Este telefone está sem conexão. ",
      el("button", { type: "button", class: "link", on: { click: () => switchOnline(true) } }, "Conectar"),
    ),
    list: el("ul", { class: "list" }),
    empty: el("div", { class: "empty", hidden: true },
      el("h2", {}, "Nenhuma conversa ainda"),
      el("p", {}, "Escreva para outro telefone desta rede, ou conecte um dispositivo para atender por este número."),
      el("button", { type: "button", class: "primary", on: { click: askChat } }, "Nova conversa"),
      el("button", { type: "button", class: "secondary", on: { click: () => showDevices(number, true) } }, icon("scan"), "Ler QR code"),
    ),
  };
  column.replaceChildren(parts.header, parts.banner, el("div", { class: "scroll" }, parts.list, parts.empty));
  return parts;
}

function header(phone) {
  return [
    iconButton("back", "Voltar aos telefones", () => open(null, null), { class: "round only-narrow" }),
    avatar(phone.name, phone.number),
    el("span", { class: "bar-title" },
      el("strong", {}, phone.name),
      el("span", { class: "muted" }, niceNumber(phone.number)),
    ),
    iconButton("laptop", "Dispositivos conectados", () => showDevices(phone.number)),
    iconButton("plus", "Nova conversa", askChat),
    menuButton("more", "Mais opções do telefone", [
      { icon: "scan", label: "Ler QR code", act: () => showDevices(phone.number, true) },
      phone.online
        ? { icon: "close", label: "Ficar sem conexão", act: () => switchOnline(false) }
        : { icon: "sent", label: "Voltar a ter conexão", act: () => switchOnline(true) },
      { icon: "edit", label: "Mudar o nome", act: () => askName(phone) },
      { icon: "trash", label: "Remover telefone", act: () => askRemoval(phone), isGrave: true },
    ]),
  ];
}

const switchOnline = (online) => attempt(() => api.changePhone(state.phone, { online }));

function chatItem(phone, row) {
  const last = row.last_message;
  const typing = state.typing.get(threadKey(phone.number, row.number));
  const name = row.name || niceNumber(row.number);
  return el("li", {},
    el("button", {
      type: "button", class: "item", "aria-current": row.number === state.chat ? "true" : false,
      on: { click: () => open(phone.number, row.number) },
    },
    avatar(row.name, row.number),
    el("span", { class: "item-body" },
      el("span", { class: "item-line" },
        el("span", { class: "item-name" }, name),
        el("time", { class: row.unread ? "item-time fresh" : "item-time" }, timeOrDay(last.timestamp)),
      ),
      el("span", { class: "item-line" },
        typing
          ? el("span", { class: "item-text typing" }, typing === "recording" ? "gravando áudio…" : "digitando…")
          : [last.from_me && !last.revoked && ticks(last), el("span", { class: "item-text" }, summary(last))],
        row.unread > 0 && badge(row.unread),
      ),
    ),
    ),
  );
}
