// The server: requests, and the socket that tells every change.

export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

async function request(method, path, { body, headers } = {}) {
  let answer;
  try {
    answer = await fetch(path, { method, body, headers });
  } catch {
    throw new Refused("unreachable", "O servidor não respondeu.");
  }
  const text = await answer.text();
  const data = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Refused(data?.code, data?.message || "O pedido não foi aceito.");
  return data;
}

const json = (method) => (path, body = {}) =>
  request(method, path, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

const post = json("POST");
const patch = json("PATCH");
const at = (number, rest = "") => `/api/phones/${encodeURIComponent(number)}${rest}`;

export const api = {
  phones: async () => (await request("GET", "/api/phones")).results,
  addPhone: (number, name) => post("/api/phones", { number, name }),
  changePhone: (number, changes) => patch(at(number), changes),
  removePhone: (number) => request("DELETE", at(number)),
  chats: async (number) => (await request("GET", at(number, "/chats"))).results,
  messages: (number, other, before) =>
    request("GET", at(number, `/chats/${encodeURIComponent(other)}/messages?limit=100${before ? `&before=${encodeURIComponent(before)}` : ""}`)),
  send: (number, message) => post(at(number, "/messages"), message),
  edit: (number, to, id, text) => patch(at(number, `/messages/${encodeURIComponent(id)}`), { to, text }),
  revoke: (number, id) => request("DELETE", at(number, `/messages/${encodeURIComponent(id)}`)),
  react: (number, to, targetId, emoji) => post(at(number, "/reactions"), { to, target_id: targetId, emoji }),
  typing: (number, to, activity) => post(at(number, "/typing"), { to, activity }),
  read: (number, to) => post(at(number, "/read"), { to }),
  played: (number, to, id) => post(at(number, "/played"), { to, id }),
  upload: (number, file, name) =>
    request("POST", at(number, "/media"), {
      body: file,
      headers: { "Content-Type": file.type || "application/octet-stream", "X-File-Name": encodeURIComponent(name) },
    }),
  scan: (number, code) => post(at(number, "/scan"), { code }),
  pair: (number, code) => post(at(number, "/pairing"), { code }),
  confirmPasskey: (number) => post(at(number, "/passkey")),
  devices: async (number) => (await request("GET", at(number, "/devices"))).results,
  unlink: (number, id) => request("DELETE", at(number, `/devices/${encodeURIComponent(id)}`)),
};

export const mediaUrl = (media) => `/media/${encodeURIComponent(media.id)}`;

const LONGEST_PAUSE_MS = 5000;

/** Keep the live socket open. `onOpen` loads what was missed; `onFrame` gets each change; `onState` says if it is open. */
export function listen({ onOpen, onFrame, onState }) {
  let pause = 300;
  const connect = () => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`);
    socket.addEventListener("open", () => {
      pause = 300;
      onState(true);
      onOpen();
    });
    socket.addEventListener("message", (event) => onFrame(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      onState(false);
      setTimeout(connect, pause * (0.7 + Math.random() * 0.6));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    });
  };
  connect();
}
