// Where messages are written: text, files, places, voice; replies and edits.

import { askPlace } from "./dialogs.js";
import { attempt, el, icon, iconButton } from "./dom.js";
import { duration, size, summary } from "./format.js";
import { menuButton } from "./menu.js";
import { api } from "./net.js";
import { changed, currentPhone, nameOf, putSent, state } from "./store.js";
import { record, soundLength } from "./voice.js";

const TYPING_EVERY_MS = 3000;
const IDLE_AFTER_MS = 5000;

export function createComposer() {
  const phone = state.phone;
  const chat = state.chat;
  let file = null;
  let recording = null;
  let toldTypingAt = null;
  let idleTimer = null;
  let editedId = null;
  let replyId = null;
  let sending = Promise.resolve();

  const input = el("textarea", {
    rows: 1, placeholder: "Mensagem", "aria-label": "Mensagem", maxlength: 65536,
    on: { input: onInput, keydown: onKey, paste: onPaste, blur: () => tell("idle") },
  });
  const chooser = el("input", { type: "file", hidden: true, on: { change: onChosen } });
  const context = el("div", { class: "context", hidden: true });
  const attachButton = menuButton("attach", "Anexar", [
    { icon: "image", label: "Foto ou vídeo", act: () => choose("image/*,video/*", null) },
    { icon: "file", label: "Documento", act: () => choose("", "document") },
    { icon: "mic", label: "Áudio como mensagem de voz", act: () => choose("audio/*", "voice") },
    { icon: "pin", label: "Localização", act: () => askPlace((location) => deliver({ kind: "location", location })) },
  ]);
  const sendButton = iconButton("send", "Enviar", submit, { class: "round accent" });
  const micButton = iconButton("mic", "Gravar mensagem de voz", startRecording);
  const clock = el("span", { class: "recording-time", role: "timer" }, "0:00");
  const row = el("div", { class: "row" }, attachButton, input, micButton, sendButton);
  const recorder = el("div", { class: "row recorder", hidden: true },
    iconButton("trash", "Descartar a gravação", () => endRecording(false)),
    el("span", { class: "recording-dot", "aria-hidden": "true" }),
    clock,
    el("span", { class: "muted grow" }, "Gravando…"),
    iconButton("send", "Enviar a gravação", () => endRecording(true), { class: "round accent" }));
  const offline = el("p", { class: "row muted", hidden: true }, "Sem conexão, este telefone não envia mensagens.");
  const node = el("footer", { class: "composer" }, context, row, recorder, offline, chooser);

  // what the person does

  function onInput() {
    grow();
    drawButtons();
    if (input.value) tell("typing");
  }

  function onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && (state.replyTo || state.editing || file)) {
      leaveContext();
    }
  }

  function onPaste(event) {
    if (event.clipboardData.files.length) {
      event.preventDefault();
      attach(event.clipboardData.files[0]);
    }
  }

  function choose(accept, kind) {
    chooser.accept = accept;
    chooser.dataset.kind = kind || "";
    chooser.value = "";
    chooser.click();
  }

  function onChosen() {
    if (chooser.files[0]) attach(chooser.files[0], chooser.dataset.kind);
  }

  function attach(chosen, kind = "") {
    dropFile();
    file = { file: chosen, kind: kind || kindOf(chosen.type), url: URL.createObjectURL(chosen) };
    state.editing = null;
    changed();
    input.focus();
  }

  function dropFile() {
    if (file) URL.revokeObjectURL(file.url);
    file = null;
  }

  function leaveContext() {
    if (state.editing) input.value = "";
    state.replyTo = state.editing = null;
    dropFile();
    changed();
  }

  function submit() {
    const text = input.value.trim();
    if (state.editing) {
      const { id } = state.editing;
      leaveContext();
      clearInput();
      sending = sending.then(() => attempt(() => api.edit(phone, chat, id, text)));
    } else if (file) {
      const chosen = file;
      file = null;
      clearInput();
      deliver(() => withUpload(chosen, text)).finally(() => URL.revokeObjectURL(chosen.url));
    } else if (text) {
      clearInput();
      deliver({ kind: "text", text });
    }
  }

  /** Send after whatever is still on its way, so that the order of writing is kept. */
  function deliver(message) {
    const quoted_id = state.replyTo?.id || null;
    state.replyTo = null;
    changed();
    const work = async () => {
      const ready = typeof message === "function" ? await message() : message;
      putSent(phone, chat, await api.send(phone, { to: chat, quoted_id, ...ready }));
    };
    sending = sending.then(() => attempt(work));
    return sending;
  }

  async function withUpload(chosen, text) {
    const facts = await factsOf(chosen);
    const media = await api.upload(phone, chosen.file, chosen.file.name || "arquivo");
    return { kind: chosen.kind, text, media_id: media.id, ...facts };
  }

  function clearInput() {
    input.value = "";
    grow();
    tell("idle");
    changed();
  }

  // voice

  async function startRecording() {
    try {
      recording = await record((seconds) => { clock.textContent = duration(seconds); tell("recording"); });
    } catch {
      attempt(async () => { throw new Error("O navegador não deu acesso ao microfone. Dá para anexar um arquivo de áudio."); });
      return;
    }
    clock.textContent = "0:00";
    changed();
  }

  async function endRecording(isSent) {
    const done = recording;
    recording = null;
    tell("idle");
    changed();
    if (!isSent) { await done.cancel(); return; }
    const { file: blob, seconds } = await done.stop();
    deliver(async () => {
      const media = await api.upload(phone, blob, `voz.${blob.type.includes("ogg") ? "ogg" : blob.type.includes("mp4") ? "m4a" : "webm"}`);
      return { kind: "voice", media_id: media.id, seconds };
    });
  }

  // telling that one types

  function tell(activity) {
    clearTimeout(idleTimer);
    const isIdle = activity === "idle";
    if (isIdle && toldTypingAt === null) return;
    if (!isIdle) idleTimer = setTimeout(() => tell("idle"), IDLE_AFTER_MS);
    if (!isIdle && toldTypingAt !== null && performance.now() - toldTypingAt < TYPING_EVERY_MS) return;
    toldTypingAt = isIdle ? null : performance.now();
    if (currentPhone()?.online) api.typing(phone, chat, activity).catch(() => {});
  }

  // drawing

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
  }

  function drawButtons() {
    const hasContent = Boolean(input.value.trim() || file || state.editing);
    sendButton.hidden = !hasContent;
    micButton.hidden = hasContent;
    attachButton.hidden = Boolean(state.editing);
  }

  function drawContext() {
    const preview = contextOf(file);
    context.hidden = !preview;
    context.replaceChildren(...(preview ? [preview, iconButton("close", "Cancelar", leaveContext)] : []));
  }

  function draw() {
    const isOnline = currentPhone()?.online ?? false;
    if (state.editing && state.editing.id !== editedId) {
      input.value = state.editing.text;
      input.focus();
    }
    if (state.replyTo && state.replyTo.id !== replyId) input.focus();
    if (!state.editing && editedId) input.value = "";
    editedId = state.editing?.id || null;
    replyId = state.replyTo?.id || null;
    row.hidden = !isOnline || Boolean(recording);
    recorder.hidden = !recording;
    offline.hidden = isOnline || Boolean(recording);
    drawContext();
    drawButtons();
    grow();
  }

  return { node, draw, attach };
}

/** What stands above the text: the file to send, the message replied to, or the one being edited. */
function contextOf(file) {
  if (file) {
    const picture = file.kind === "image" && el("img", { src: file.url, alt: "" });
    return el("span", { class: "quote file-preview" }, picture || el("span", { class: "file-kind" }, icon("file")),
      el("span", { class: "item-body" }, el("strong", {}, file.file.name || "Imagem colada"), el("span", {}, size(file.file.size))));
  }
  const row = state.editing || state.replyTo;
  if (!row) return null;
  const author = row.from_me ? "Você" : nameOf(state.chat) || row.sender.name;
  const title = state.editing ? "Editar mensagem" : author;
  return el("span", { class: `quote ${row.from_me ? "mine" : ""}` }, el("strong", {}, title), el("span", {}, summary(row)));
}

function kindOf(mime) {
  const family = mime.split("/")[0];
  return ["image", "video", "audio"].includes(family) ? family : "document";
}

/** Width and height of a picture, seconds of a sound, where the browser can tell. */
async function factsOf({ file, kind }) {
  if (kind === "image") {
    const bitmap = await createImageBitmap(file).catch(() => null);
    return bitmap ? { width: bitmap.width, height: bitmap.height } : {};
  }
  if (kind === "voice" || kind === "audio") return { seconds: await soundLength(file) };
  return {};
}
