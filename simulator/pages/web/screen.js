// What a person sees: the code to scan, or whose WhatsApp this is and with whom it talks.

import { fullCode } from "./linking.js";
import { awaitedPasskey, isLinked } from "./session.js";
import { actions, Cmd, Conn, me, NetworkStatus, Socket, Stream, VERSION } from "./state.js";
import { chats, contacts } from "./stores.js";

const MOST_CHATS = 50;

const find = (id) => document.getElementById(id);

const TROUBLES = {
  CONFLICT: ["Em uso em outro lugar", "Este número está aberto em outra janela."],
  PROXYBLOCK: ["Rede bloqueada", "O WhatsApp não aceita esta rede."],
  TOS_BLOCK: ["Conta suspensa", "O WhatsApp suspendeu este número."],
  SMB_TOS_BLOCK: ["Conta suspensa", "O WhatsApp suspendeu este número comercial."],
  DEPRECATED_VERSION: ["Versão antiga", "Esta versão do WhatsApp Web não é mais aceita."],
};

/** `[name for tests and styles, title, explanation]`. */
function situation() {
  const trouble = TROUBLES[Stream.mode];
  if (trouble) return ["blocked", ...trouble];
  if (awaitedPasskey()) return ["passkey", "Confirme com a chave de acesso", "O telefone precisa confirmar esta conexão."];
  if (isLinked()) return linkedSituation();
  if (Socket.state === "UNPAIRED_IDLE") return ["idle", "O código expirou", "Peça outro para conectar."];
  if (Conn.ref) return ["qr", "Leia o QR code", "No telefone: Dispositivos conectados → Conectar dispositivo."];
  return ["opening", "Abrindo…", ""];
}

function linkedSituation() {
  if (!NetworkStatus.online) return ["offline", "Sem rede", "A página volta sozinha quando a rede voltar."];
  if (Socket.state === "CONNECTED") return ["linked", "Conectado", ""];
  return Cmd.isMainLoaded
    ? ["reconnecting", "Reconectando…", ""]
    : ["syncing", "Carregando conversas…", ""];
}

function render() {
  const [name, title, detail] = situation();
  find("app").dataset.state = name;
  find("title").textContent = title;
  find("detail").textContent = detail;
  find("status").textContent = `${Socket.state} · ${Stream.mode ?? "—"} · ${Stream.info}`;
  find("version").textContent = VERSION;
  find("again").hidden = name !== "idle";
  find("here").hidden = Stream.mode !== "CONFLICT";
  showCode(name === "qr");
  showChats();
}

let shownCode = null;

function showCode(isShown) {
  find("qr").hidden = find("copy").hidden = !isShown;
  if (!isShown || shownCode === Conn.ref) return;
  shownCode = Conn.ref;
  find("qr").src = `/web/qr.svg?text=${encodeURIComponent(fullCode(Conn.ref))}`;
}

function showChats() {
  find("chats").hidden = !isLinked() || !me.phone;
  if (find("chats").hidden) return;
  find("who").textContent = Conn.pushname;
  find("number").textContent = `+${me.phone.user}`;
  const newest = chats.getModelsArray().sort((a, b) => (b.t ?? 0) - (a.t ?? 0)).slice(0, MOST_CHATS);
  find("list").replaceChildren(...newest.map(chatRow));
}

function chatRow(chat) {
  const row = document.createElement("li");
  const name = document.createElement("strong");
  name.textContent = chat.name || contacts.get(chat.id)?.name || chat.id.user;
  const last = document.createElement("span");
  last.textContent = summary(chat.msgs.last());
  row.append(name, last);
  if (chat.unreadCount > 0) {
    const unread = document.createElement("b");
    unread.textContent = String(chat.unreadCount);
    row.append(unread);
  }
  return row;
}

function summary(message) {
  if (!message) return "";
  if (message.type === "revoked") return "Mensagem apagada";
  return message.caption || (message.type === "chat" && message.body) || `[${message.type}]`;
}

// Many changes come at once: one look at them a frame is enough.
let isPlanned = false;

function plan() {
  if (isPlanned) return;
  isPlanned = true;
  setTimeout(() => {
    isPlanned = false;
    render();
  }, 100);
}

export function showScreen() {
  for (const model of [Conn, Stream, Socket, NetworkStatus, chats, contacts]) model.on("all", plan);
  find("again").addEventListener("click", () => actions.refreshQr());
  find("here").addEventListener("click", () => actions.takeOver());
  find("copy").addEventListener("click", () => navigator.clipboard.writeText(fullCode(Conn.ref)));
  render();
}
