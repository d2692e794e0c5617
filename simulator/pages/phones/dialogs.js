// The small questions: a new phone, a new chat, a name, a place, "are you sure".

import { attempt, avatar, el, icon, iconButton } from "./dom.js";
import { niceNumber, plausibleNumber } from "./format.js";
import { api } from "./net.js";
import { apply, open, state } from "./store.js";

/** A modal with a title; `build(dialog)` gives its content. Closed ones leave the page. */
export function modal(title, build, { className = "" } = {}) {
  const dialog = el("dialog", { class: className, "aria-label": title });
  dialog.append(
    el("header", {}, el("h2", {}, title), iconButton("close", "Fechar", () => dialog.close())),
    ...[build(dialog)].flat(),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function field(label, input, hint) {
  return el("label", { class: "field" }, el("span", {}, label), input, hint && el("small", {}, hint));
}

/** A form that stays open, and says why, when `submit` is refused. */
export function form(submitLabel, submit, ...fields) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const button = el("button", { class: "primary" }, submitLabel);
  const onSubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await submit();
      node.closest("dialog").close();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
    button.disabled = false;
  };
  const node = el("form", { on: { submit: onSubmit } }, fields, problem, el("div", { class: "buttons" }, button));
  return node;
}

export function askPhone() {
  const suggest = () => plausibleNumber(new Set(state.phones.keys()));
  const name = el("input", { required: true, maxlength: 60, autocomplete: "off", placeholder: "Maria da Silva", autofocus: true });
  const number = el("input", { required: true, maxlength: 30, inputmode: "tel", autocomplete: "off", value: niceNumber(suggest()) });
  const another = iconButton("dice", "Sugerir outro número", () => { number.value = niceNumber(suggest()); });
  modal("Novo telefone", () =>
    form("Criar telefone", async () => {
      const phone = await api.addPhone(number.value, name.value);
      apply({ kind: "phone", data: phone });
      open(phone.number, null);
    },
    field("Nome de perfil", name, "Como os outros veem quem usa este telefone."),
    field("Número", el("span", { class: "joined" }, number, another), "Com país e DDD. Este foi inventado: pode trocar."),
    ));
}

export function askName(phone) {
  const name = el("input", { required: true, maxlength: 60, value: phone.name, autofocus: true });
  modal("Mudar o nome", () => form("Salvar", () => api.changePhone(phone.number, { name: name.value }), field("Nome de perfil", name)));
}

export function askRemoval(phone) {
  confirm({
    title: "Remover telefone",
    text: `As conversas de ${phone.name} somem deste telefone, e os dispositivos conectados a ele são desconectados.`,
    button: "Remover",
    act: () => api.removePhone(phone.number),
  });
}

export function confirm({ title, text, button, act }) {
  modal(title, (dialog) => [
    el("p", {}, text),
    el("div", { class: "buttons" },
      el("button", { type: "button", class: "secondary", on: { click: () => dialog.close() } }, "Cancelar"),
      el("button", { type: "button", class: "danger", on: { click: async () => { dialog.close(); await attempt(act); } } }, button),
    ),
  ]);
}

export function askChat() {
  const mine = state.phone;
  const others = [...state.phones.values()].filter((phone) => phone.number !== mine);
  const number = el("input", { maxlength: 30, inputmode: "tel", autocomplete: "off", placeholder: "+55 11 98765-4321", required: true });
  const start = (other) => open(mine, other);
  const item = (phone, dialog) => el("li", {},
    el("button", { type: "button", class: "item", on: { click: () => { dialog.close(); start(phone.number); } } },
      avatar(phone.name, phone.number),
      el("span", { class: "item-body" },
        el("span", { class: "item-name" }, phone.name),
        el("span", { class: "item-text" }, niceNumber(phone.number)))));
  modal("Nova conversa", (dialog) => [
    others.length > 0 && el("ul", { class: "list pick" }, others.map((phone) => item(phone, dialog))),
    form("Conversar", async () => start(asNumber(number.value)), field("Ou para outro número", number)),
  ].filter(Boolean));
}

function asNumber(text) {
  const digits = text.replace(/\D/g, "");
  if (digits.length < 8 || digits.length > 15) throw new Error("Escreva o número com país e DDD, como +55 11 98765-4321.");
  return `+${digits}`;
}

const PLACES = [
  ["Avenida Paulista", "Bela Vista, São Paulo", -23.5614, -46.6559],
  ["Praia de Copacabana", "Rio de Janeiro", -22.9711, -43.1822],
  ["Mercado Público", "Centro, Porto Alegre", -30.0275, -51.2279],
];

export function askPlace(send) {
  const input = (label, value) => el("input", { required: true, inputmode: "decimal", autocomplete: "off", value, "aria-label": label });
  const [place, address, latitude, longitude] = PLACES[Math.floor(Math.random() * PLACES.length)];
  const lat = input("Latitude", String(latitude));
  const lon = input("Longitude", String(longitude));
  const name = el("input", { maxlength: 200, value: place });
  const street = el("input", { maxlength: 200, value: address });
  const here = () => navigator.geolocation?.getCurrentPosition(
    ({ coords }) => { lat.value = coords.latitude.toFixed(5); lon.value = coords.longitude.toFixed(5); name.value = street.value = ""; },
    () => attempt(async () => { throw new Error("O navegador não informou onde você está."); }),
  );
  modal("Enviar localização", () =>
    form("Enviar", () => send({ latitude: decimal(lat.value), longitude: decimal(lon.value), name: name.value, address: street.value }),
      field("Nome do lugar", name),
      field("Endereço", street),
      el("div", { class: "two" }, field("Latitude", lat), field("Longitude", lon)),
      el("button", { type: "button", class: "link", on: { click: here } }, icon("pin", "icon small"), "Usar onde estou"),
    ));
}

function decimal(text) {
  const value = Number(text.trim().replace(",", "."));
  if (!text.trim() || Number.isNaN(value)) throw new Error("Latitude e longitude são números, como -23.5614.");
  return value;
}
