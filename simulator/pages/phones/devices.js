// Linked devices of a phone, and scanning the code of a new one.

import { confirm, field, modal } from "./dialogs.js";
import { attempt, el, icon } from "./dom.js";
import { dateAndTime } from "./format.js";
import { api } from "./net.js";
import { watchDevices } from "./store.js";
import { canReadPictures, watchCamera, readPicture } from "./qr.js";

export function showDevices(number, isScanning = false) {
  let stopScanning = () => {};
  const dialog = modal("Dispositivos conectados", () => {
    const content = el("div", { class: "devices" });
    const show = (isScan) => {
      stopScanning();
      stopScanning = isScan ? scanView(content, number, () => show(false)) : listView(content, number, () => show(true));
    };
    queueMicrotask(() => show(isScanning));
    return content;
  }, { className: "wide" });
  dialog.addEventListener("close", () => stopScanning());
}

function listView(content, number, startScan) {
  const list = el("ul", { class: "list device-list" });
  const none = el("p", { class: "muted", hidden: true }, "Nenhum dispositivo atende por este número.");
  const load = async () => {
    const devices = await attempt(() => api.devices(number));
    if (!devices) return;
    none.hidden = devices.length > 0;
    list.replaceChildren(...devices.map((device) => deviceItem(number, device)));
  };
  content.replaceChildren(
    el("p", { class: "muted" }, "Um dispositivo conectado recebe e envia mensagens por este número, mesmo com o telefone sem conexão."),
    list, none,
    el("div", { class: "buttons" },
      el("button", { type: "button", class: "primary", on: { click: startScan } }, icon("scan"), "Conectar dispositivo")),
  );
  load();
  return watchDevices((changed) => { if (changed === number) load(); });
}

function deviceItem(number, device) {
  const waiting = device.waiting === 1 ? "1 evento à espera" : `${device.waiting} eventos à espera`;
  const about = device.connected ? "Ativo agora" : `Desligado${device.waiting ? `, ${waiting}` : ""}`;
  const unlink = () => confirm({
    title: "Desconectar dispositivo",
    text: `${device.name} deixa de atender por este número. Para voltar, precisa de um novo QR code.`,
    button: "Desconectar",
    act: () => api.unlink(number, device.id),
  });
  return el("li", { class: "device" },
    el("span", { class: `presence ${device.connected ? "on" : "off"}` }, el("span", { class: "avatar plain" }, icon("laptop"))),
    el("span", { class: "item-body" },
      el("span", { class: "item-name" }, device.name),
      el("span", { class: "item-text" }, about),
      el("span", { class: "item-text" }, `Desde ${dateAndTime(device.linked_at)}`),
      el("code", { class: "item-text" }, device.id)),
    el("button", { type: "button", class: "secondary", on: { click: unlink } }, "Desconectar"),
  );
}

function scanView(content, number, done) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const text = el("textarea", {
    rows: 3, spellcheck: "false", autocapitalize: "off", autofocus: true, required: true,
    placeholder: "2@…", "aria-label": "Texto do QR code",
  });
  const say = (message) => { problem.textContent = message; problem.hidden = !message; };
  let isBusy = false;
  /** Let the device in by one of the ways; some links need the owner's passkey besides. */
  const letIn = async (way, code) => {
    if (isBusy || !code.trim()) return;
    isBusy = true;
    say("");
    try {
      const answer = await way(number, code.trim());
      if (answer.passkey_required) passkeyView(content, number, done);
      else done();
    } catch (error) {
      say(error.message);
    }
    isBusy = false;
  };
  const scan = (code) => letIn(api.scan, code);
  const scanPicture = async (picture) => {
    const code = await readPicture(picture).catch(() => null);
    if (code) await scan(code);
    else say("Não encontrei um QR code nesta imagem.");
  };
  const onPaste = (event) => {
    const picture = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
    if (picture && canReadPictures) {
      event.preventDefault();
      scanPicture(picture);
    } else {
      setTimeout(() => { if (text.value.trim().startsWith("2@")) scan(text.value); });
    }
  };
  text.addEventListener("paste", onPaste);
  const stopCamera = { current: () => {} };
  content.replaceChildren(
    el("ol", { class: "steps" },
      el("li", {}, "No Balcão, abra a conexão e peça o QR code."),
      el("li", {}, canReadPictures ? "Copie o texto do código, ou uma imagem da tela." : "Copie o texto do código."),
      el("li", {}, "Cole aqui.")),
    text,
    ...(canReadPictures ? pictureWays(scanPicture, scan, say, stopCamera) : []),
    problem,
    el("div", { class: "buttons" },
      el("button", { type: "button", class: "secondary", on: { click: done } }, "Voltar"),
      el("button", { type: "button", class: "primary", on: { click: () => scan(text.value) } }, "Conectar")),
    lettersForm((code) => letIn(api.pair, code)),
  );
  text.focus();
  return () => stopCamera.current();
}

/** The other way: the device shows eight letters, and the phone types them. */
function lettersForm(pair) {
  const letters = el("input", {
    maxlength: 12, autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
    placeholder: "ABCD-1234", required: true,
  });
  const submit = (event) => {
    event.preventDefault();
    pair(letters.value);
  };
  return el("form", { class: "letters", on: { submit } },
    field("Ou digite o código de 8 letras", letters, "O que aparece ao conectar com o número de telefone."),
    el("div", { class: "buttons" }, el("button", { class: "secondary" }, "Conectar com o código")));
}

function passkeyView(content, number, done) {
  const show = async () => { if (await attempt(() => api.confirmPasskey(number))) done(); };
  content.replaceChildren(
    el("p", {}, "Esta conexão pede a chave de acesso do dono do telefone."),
    el("div", { class: "buttons" },
      el("button", { type: "button", class: "primary", autofocus: true, on: { click: show } }, "Confirmar com a chave de acesso")));
}

function pictureWays(scanPicture, scan, say, stopCamera) {
  const chooser = el("input", { type: "file", accept: "image/*", hidden: true, on: { change: () => chooser.files[0] && scanPicture(chooser.files[0]) } });
  const drop = el("button", { type: "button", class: "drop", on: { click: () => chooser.click() } },
    icon("image"), "Solte aqui uma imagem do QR code, ou clique para escolher");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files[0]) scanPicture(event.dataTransfer.files[0]);
  });
  const video = el("video", { class: "camera", muted: true, playsinline: true, hidden: true });
  const startCamera = async () => {
    try {
      stopCamera.current();
      stopCamera.current = await watchCamera(video, scan);
    } catch {
      say("O navegador não deu acesso à câmera.");
    }
  };
  const camera = el("button", { type: "button", class: "link", on: { click: startCamera } }, icon("camera", "icon small"), "Usar a câmera");
  return [drop, chooser, video, camera];
}
