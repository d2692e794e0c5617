// The first column: the phones one person operates.

import { askPhone } from "./dialogs.js";
import { avatar, badge, el, icon, iconButton, reconcile } from "./dom.js";
import { niceNumber } from "./format.js";
import { open, state } from "./store.js";

let list = null;
let empty = null;

export function drawPhones(column) {
  if (!list) build(column);
  const phones = [...state.phones.values()];
  empty.hidden = phones.length > 0;
  reconcile(list, phones, {
    key: (phone) => phone.number,
    signature: (phone) => JSON.stringify([phone, phone.number === state.phone]),
    render: phoneItem,
  });
}

function build(column) {
  list = el("ul", { class: "list" });
  empty = el("div", { class: "empty" },
    el("span", { class: "empty-icon" }, icon("phone")),
    el("h2", {}, "Crie o primeiro telefone"),
    el("p", {}, "Um para a empresa, que lê o QR code mostrado pelo Balcão, e outros para os clientes, que escrevem para ela."),
    el("button", { type: "button", class: "primary", on: { click: askPhone } }, "Criar telefone"),
  );
  column.replaceChildren(
    el("header", { class: "bar" },
      el("h1", {}, "Telefones"),
      iconButton("plus", "Criar telefone", askPhone, { class: "round accent" }),
    ),
    el("div", { class: "scroll" }, list, empty),
  );
}

function phoneItem(phone) {
  const isOpen = phone.number === state.phone;
  return el("li", {},
    el("button", {
      type: "button", class: "item", title: `${phone.name} · ${niceNumber(phone.number)}`,
      "aria-current": isOpen ? "true" : false,
      on: { click: () => open(phone.number, null) },
    },
    el("span", { class: `presence ${phone.online ? "on" : "off"}` }, avatar(phone.name, phone.number)),
    el("span", { class: "item-body" },
      el("span", { class: "item-line" },
        el("span", { class: "item-name" }, phone.name),
        phone.devices > 0 && el("span", { class: "linked", title: "Tem dispositivo conectado" }, icon("laptop", "icon small")),
      ),
      el("span", { class: "item-line" },
        el("span", { class: "item-text" }, phone.online ? niceNumber(phone.number) : "Sem conexão"),
      ),
    ),
    phone.unread > 0 && badge(phone.unread),
    ),
  );
}
