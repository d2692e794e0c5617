// Files on their way out: read, named by their kind, put into a message, uploaded.

import { base64, hashOf, remember } from "./files.js";
import { addAndSendMsgToChat } from "./sending.js";

const MB = 2 ** 20;

export class OpaqueData {
  constructor(blob, mimetype) {
    this.blob = blob;
    this.mimetype = mimetype;
  }

  static async createFromData(blob, mimetype) {
    return new OpaqueData(blob, mimetype);
  }

  throwIfReleased() {}

  type() {
    return this.mimetype;
  }

  size() {
    return this.blob.size;
  }

  forceToBlob() {
    return this.blob;
  }
}

export const uploadLimit = (type) => (type === "document" ? 2048 * MB : 64 * MB);

function typeOf(mimetype, { asSticker, asDocument, isPtt }) {
  if (asSticker) return "sticker";
  if (asDocument) return "document";
  const family = mimetype.split("/")[0];
  if (family === "audio") return isPtt ? "ptt" : "audio";
  return ["image", "video"].includes(family) ? family : "document";
}

/** A file ready to be sent: `waitForPrep()` first, then `sendToChat({chat, options})`. */
export function prepRawMedia(data, options) {
  const type = typeOf(data.type(), options);
  const mediaData = { type, mimetype: data.type(), size: data.size(), mediaBlob: data, mediaStage: "PREPARING" };
  return {
    _mediaData: mediaData,
    waitForPrep: () => prepare(mediaData, data.blob),
    sendToChat: ({ chat, options: wished }) => send(chat, mediaData, wished, options),
  };
}

async function prepare(mediaData, blob) {
  Object.assign(mediaData, await measure(blob, mediaData.type));
  mediaData.filehash = await hashOf(blob);
  mediaData.mediaStage = "RESOLVED";
  return mediaData;
}

/** Width and height of a picture; nothing where it cannot be read. */
async function measure(blob, type) {
  if (type !== "image") return {};
  try {
    const picture = await createImageBitmap(blob);
    const size = { fullWidth: picture.width, fullHeight: picture.height };
    picture.close();
    return size;
  } catch {
    return {};
  }
}

async function send(chat, mediaData, { caption, productMsgOptions }, { precomputedFields }) {
  // The caller listens for the message from the next turn on; a message that is there sooner is missed.
  await new Promise((done) => setTimeout(done));
  remember(mediaData.filehash, mediaData.mediaBlob.blob);
  const attributes = {
    ...productMsgOptions,
    type: mediaData.type,
    body: "",
    caption,
    mimetype: mediaData.mimetype,
    size: mediaData.size,
    filehash: mediaData.filehash,
    mediaKey: base64(crypto.getRandomValues(new Uint8Array(32))),
    duration: precomputedFields?.duration,
    width: mediaData.fullWidth,
    height: mediaData.fullHeight,
    mediaData,
    ack: 0,
  };
  const file = { blob: mediaData.mediaBlob.blob, name: productMsgOptions?.filename };
  const [, sent] = addAndSendMsgToChat(chat, attributes, file);
  return sent;
}
