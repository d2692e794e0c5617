// Addresses of chats and people (Wid), and ids of messages (MsgKey).

const USER_SERVERS = ["c.us", "lid"];

export class Wid {
  constructor(text) {
    const [account, server] = text.split("@");
    const [user, device] = account.split(":");
    this.user = user;
    this.device = device === undefined ? undefined : Number(device);
    this.server = server;
    this._serialized = `${user}@${server}`;
  }

  static isXWid(server, wid) {
    return String(wid).endsWith(`@${server}`);
  }

  static isWid(text) {
    return String(text).includes("@");
  }

  // A Wid stands for itself where a collection looks for an id.
  get isKey() {
    return true;
  }

  toString() {
    return this._serialized;
  }

  toJid() {
    return this._serialized;
  }

  toJSON() {
    return this._serialized;
  }

  equals(other) {
    return String(other) === this._serialized;
  }

  isUser() {
    return USER_SERVERS.includes(this.server);
  }

  isRegularUserNotPSA() {
    return this.isUser();
  }

  isLid() {
    return this.server === "lid";
  }

  isGroup() {
    return this.server === "g.us";
  }

  isNewsletter() {
    return this.server === "newsletter";
  }

  isBroadcast() {
    return this.server === "broadcast";
  }

  isStatus() {
    return this.user === "status";
  }

  isStatusV3() {
    return this._serialized === "status@broadcast";
  }

  isPSA() {
    return false;
  }

  isBot() {
    return false;
  }

  isServer() {
    return false;
  }
}

export const createWid = (text) => (text instanceof Wid ? text : new Wid(String(text)));

export class MsgKey {
  /** `{fromMe, remote, id, participant?}`, or `{from, to, selfDir: "in"|"out", id, participant?}`. */
  constructor(parts) {
    // wa-js knows this class by this complaint.
    if (!parts) throw new Error("MsgKey error: obj is null/undefined");
    this.fromMe = "fromMe" in parts ? parts.fromMe : parts.selfDir === "out";
    this.remote = parts.remote ?? (this.fromMe ? parts.to : parts.from);
    this.id = parts.id;
    this.participant = parts.participant || undefined;
    const named = [this.fromMe, this.remote, this.id, this.participant].filter((part) => part !== undefined);
    this._serialized = named.join("_");
  }

  static fromString(text) {
    const [fromMe, remote, id, participant] = text.split("_");
    return new MsgKey({
      fromMe: fromMe === "true",
      remote: createWid(remote),
      id,
      participant: participant && createWid(participant),
    });
  }

  static async newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return `3EB0${hex.toUpperCase()}`;
  }

  get isKey() {
    return true;
  }

  toString() {
    return this._serialized;
  }

  clone() {
    return new MsgKey(this);
  }

  equals(other) {
    return String(other) === this._serialized;
  }
}
