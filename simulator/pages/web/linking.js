// The keys that a QR code carries, and the code that a phone can be given instead.

import { base64 } from "./files.js";
import { gateway } from "./gateway.js";
import { Emitter } from "./emitter.js";

const random = () => crypto.getRandomValues(new Uint8Array(32));

// New with every load: only the reference in front of them means something to the network.
const staticKey = random();
const identityKey = random();
const secretKey = base64(random());

export const waNoiseInfo = { get: async () => ({ staticKeyPair: { pubKey: staticKey } }) };
export const waSignalStore = { getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: identityKey } }) };
export const getADVSecretKey = () => secretKey;

/** The text of the QR code, as WhatsApp composes it. */
export const fullCode = (ref) => [ref, base64(staticKey), base64(identityKey), secretKey].join(",");

export const WAWebLinkDeviceEvents = Object.assign(new Emitter(), { triggerRefreshAltLinkingCode() {} });

export async function genLinkDeviceCodeForPhoneNumber(phone) {
  const { code } = await gateway.request("pairing_code", { phone: `+${phone.replace(/\D/g, "")}` });
  return code;
}
