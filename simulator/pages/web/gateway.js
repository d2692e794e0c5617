// The socket to the network, as every linked device has one: hello, requests and their answers, frames.

const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 5_000;
const DEVICE_NAME = "WhatsApp Web";

export class Refused extends Error {
  constructor({ code, message, permanent }) {
    super(message);
    this.code = code;
    this.permanent = permanent;
  }
}

/** The connection went away before the answer: it may or may not have been done. */
export class Unanswered extends Error {}

class Gateway {
  token = null;
  /** The newest event that was taken in. */
  seq = 0;
  onFrame = () => {};
  /** Told of "open" and "closed". */
  onState = () => {};

  #socket = null;
  #waiting = new Map();
  #lastRequest = 0;
  #pause = FIRST_PAUSE_MS;
  #retry = 0;

  connect() {
    clearTimeout(this.#retry);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/gateway`);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#greet());
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#hear(JSON.parse(data)));
    socket.addEventListener("close", () => socket === this.#socket && this.#lose());
  }

  /** Leave, and do not come back by ourselves. */
  close() {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#retry);
    socket?.close();
    this.#giveUp();
  }

  reconnect() {
    this.close();
    this.connect();
  }

  #greet() {
    this.#say({ type: "hello", device: this.token, name: DEVICE_NAME, after: this.seq });
  }

  #hear(frame) {
    if (frame.type !== "response") {
      if (frame.type === "ready") this.#pause = FIRST_PAUSE_MS;
      this.onFrame(frame);
      return;
    }
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if (frame.ok) waiting?.done(frame.result);
    else waiting?.fail(new Refused(frame.error));
  }

  #lose() {
    this.#giveUp();
    this.onState("closed");
    if (this.#socket === null) return;
    this.#retry = setTimeout(() => this.connect(), this.#pause * (0.7 + Math.random() * 0.6));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }

  #giveUp() {
    for (const { fail } of this.#waiting.values()) fail(new Unanswered("the connection was lost"));
    this.#waiting.clear();
  }

  #say(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) throw new Unanswered("there is no connection");
    this.#socket.send(JSON.stringify(frame));
  }

  /** Ask for something. Rejects with Refused (the network said no) or Unanswered (it said nothing). */
  async request(what, fields = {}) {
    const id = ++this.#lastRequest;
    const answer = new Promise((done, fail) => this.#waiting.set(id, { done, fail }));
    try {
      this.#say({ type: "request", id, do: what, ...fields });
    } catch (error) {
      this.#waiting.delete(id);
      throw error;
    }
    return answer;
  }

  confirm(seq) {
    this.seq = Math.max(this.seq, seq);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#say({ type: "ack", seq });
  }

  get headers() {
    return { Authorization: `Bearer ${this.token}` };
  }
}

export const gateway = new Gateway();
