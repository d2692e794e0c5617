// One message: what it shows, and what can be done with it.

import { confirm } from "./dialogs.js";
import { attempt, avatar, el, icon, iconButton } from "./dom.js";
import { contactCard, size, summary, time } from "./format.js";
import { openMenu } from "./menu.js";
import { api, mediaUrl } from "./net.js";
import { changed, currentPhone, nameOf, state } from "./store.js";
import { ticks } from "./ticks.js";
import { voicePlayer } from "./voice.js";

const REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const EDITABLE = new Set(["text", "image", "video", "document"]);
const LINK = /(https?:\/\/[^\s<>"]+[^\s<>"'.,;:!?)\]])/g;

/** What of a message and of the one it quotes decides how it looks: ticks matter on one's own only. */
export function signatureOf(row, thread, isFirst) {
  const quoted = row.quoted_id && thread.rows.get(row.quoted_id);
  return JSON.stringify([row.from_me ? row.level : 0, row.text, row.edited, row.revoked, row.reactions, isFirst, quoted && summary(quoted)]);
}

export function bubble(row, thread, isFirst) {
  const side = row.from_me ? "out" : "in";
  const node = el("li", { class: `message ${side} kind-${row.revoked ? "revoked" : row.kind}${isFirst ? " first" : ""}` });
  const more = iconButton("chevron", "Opções da mensagem", () => openActions(more, row), { class: "message-more", "aria-haspopup": "menu" });
  const meta = el("span", { class: "meta" },
    row.edited && !row.revoked && el("span", {}, "editada"),
    el("time", { datetime: new Date(row.timestamp * 1000).toISOString() }, time(row.timestamp)),
    row.from_me && !row.revoked && ticks(row));
  node.append(
    el("div", { class: "bubble" },
      quote(row, thread),
      ...content(row),
      meta,
      !row.revoked && more),
    ...reactions(row));
  return node;
}

function quote(row, thread) {
  if (!row.quoted_id || row.revoked) return null;
  const quoted = thread.rows.get(row.quoted_id);
  const author = quoted ? (quoted.from_me ? "Você" : nameOf(state.chat) || quoted.sender.name) : "";
  const show = () => document.querySelector(`[data-key="${CSS.escape(row.quoted_id)}"]`)?.scrollIntoView({ block: "center", behavior: "smooth" });
  return el("button", { type: "button", class: `quote ${quoted?.from_me ? "mine" : ""}`, on: { click: show } },
    author && el("strong", {}, author),
    el("span", {}, quoted ? summary(quoted) : "Mensagem que não está mais aqui"));
}

function content(row) {
  if (row.revoked) return [el("em", { class: "text" }, row.from_me ? "Você apagou esta mensagem" : "Esta mensagem foi apagada")];
  const show = { image: picture, sticker: picture, video, audio: sound, voice: sound, document: file, location: place, contact: card }[row.kind];
  if (!show) return [text(row.text)];
  return [show(row), row.text && row.kind !== "contact" && text(row.text)].filter(Boolean);
}

/** Text with its links; everything stays text. */
function text(value) {
  const parts = value.split(LINK).map((part, index) =>
    index % 2 ? el("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
  return el("span", { class: "text", dir: "auto" }, parts);
}

function picture(row) {
  const { media } = row;
  const image = el("img", { src: mediaUrl(media), alt: row.text || media.name, loading: "lazy", width: media.width, height: media.height });
  return el("a", { class: row.kind === "sticker" ? "sticker" : "picture", href: mediaUrl(media), target: "_blank", rel: "noopener" }, image);
}

function video(row) {
  return el("video", { class: "picture", src: mediaUrl(row.media), controls: true, preload: "metadata" });
}

function sound(row) {
  const onPlay = () => {
    if (!row.from_me && row.level < 4 && currentPhone()?.online) attempt(() => api.played(state.phone, state.chat, row.id));
  };
  const owner = row.from_me ? state.phone : state.chat;
  return el("span", { class: "sound" }, voicePlayer(row.id, mediaUrl(row.media), row.media.seconds, onPlay), avatar(nameOf(owner), owner, "tiny"));
}

function file(row) {
  const { media } = row;
  const ending = media.name.includes(".") ? media.name.split(".").pop().slice(0, 5).toUpperCase() : "ARQ";
  return el("a", { class: "file", href: mediaUrl(media), download: media.name },
    el("span", { class: "file-kind" }, ending),
    el("span", { class: "item-body" }, el("span", { class: "item-name" }, media.name), el("span", { class: "item-text" }, size(media.size))),
    icon("download"));
}

function place(row) {
  const { latitude, longitude, name, address } = row.location;
  const href = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return el("a", { class: "place", href, target: "_blank", rel: "noopener noreferrer" },
    el("span", { class: "map" }, icon("pin")),
    el("span", { class: "item-body" },
      el("span", { class: "item-name" }, name || "Localização"),
      el("span", { class: "item-text" }, address || `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`)));
}

function card(row) {
  const { name, number } = contactCard(row.text);
  return el("span", { class: "card" }, avatar(name, number.replace(/\D/g, "") || "0"),
    el("span", { class: "item-body" }, el("span", { class: "item-name" }, name), number && el("span", { class: "item-text" }, number)));
}

function reactions(row) {
  if (!row.reactions.length) return [];
  const mine = row.reactions.find((reaction) => reaction.from_me);
  const label = mine ? "Tirar a sua reação" : "Reações";
  return [el("button", {
    type: "button", class: "reactions", title: label, "aria-label": `${label}: ${row.reactions.map((reaction) => reaction.emoji).join(" ")}`,
    on: { click: () => mine && react(row, "") },
  }, row.reactions.map((reaction) => reaction.emoji).join(""))];
}

const react = (row, emoji) => attempt(() => api.react(state.phone, state.chat, row.id, emoji));

function openActions(anchor, row) {
  const mine = row.reactions.find((reaction) => reaction.from_me)?.emoji;
  const faces = (close) => el("div", { class: "faces" }, REACTIONS.map((emoji) =>
    el("button", {
      type: "button", role: "menuitem", "aria-label": `Reagir com ${emoji}`, class: emoji === mine ? "mine" : "",
      on: { click: () => { close(); react(row, emoji === mine ? "" : emoji); } },
    }, emoji)));
  openMenu(anchor, [
    { icon: "reply", label: "Responder", act: () => { state.replyTo = row; state.editing = null; changed(); } },
    row.text && { icon: "copy", label: "Copiar o texto", act: () => attempt(() => navigator.clipboard.writeText(row.text)) },
    row.from_me && EDITABLE.has(row.kind) && { icon: "edit", label: "Editar", act: () => { state.editing = row; state.replyTo = null; changed(); } },
    row.from_me && { icon: "trash", label: "Apagar para todos", isGrave: true, act: () => askDeletion(row) },
  ], faces);
}

function askDeletion(row) {
  confirm({
    title: "Apagar para todos",
    text: "A mensagem some também para quem a recebeu.",
    button: "Apagar",
    act: () => api.revoke(state.phone, row.id),
  });
}
