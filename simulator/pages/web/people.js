// Who is who: numbers and their hidden ids, pictures, groups.

import { gateway } from "./gateway.js";
import { createWid } from "./ids.js";
import { Collection } from "./model.js";
import { groups } from "./stores.js";

const lidOfPhone = new Map();
const phoneOfLid = new Map();

export function pair(phone, lid) {
  lidOfPhone.set(String(phone), createWid(lid));
  phoneOfLid.set(String(lid), createWid(phone));
}

/** A hidden id whose number the network does tell. */
export function learnLid(wid, { phone } = {}) {
  if (wid.isLid() && phone) pair(`${phone.slice(1)}@c.us`, wid);
}

export const getCurrentLid = (phone) => lidOfPhone.get(String(phone));
export const getPhoneNumber = (lid) => phoneOfLid.get(String(lid));

/** `{wid, biz}` of a number that is on WhatsApp (spelt as WhatsApp has it), or null. */
export async function queryWidExists(wid) {
  if (!wid.isUser() || wid.isLid()) return null;
  const found = await gateway.request("look_up", { phone: `+${wid.user}` });
  if (!found.exists) return null;
  const phone = createWid(`${found.phone.slice(1)}@c.us`);
  pair(phone, found.lid);
  if (String(phone) !== String(wid)) lidOfPhone.set(String(wid), createWid(found.lid));
  return { wid: phone, biz: false };
}

export const queryAllGroups = async () => groups.map(({ id }) => ({ id }));

/** Pictures are looked up anew each time: a person may have changed or hidden theirs. */
export class ProfilePicThumbCollection extends Collection {
  async find(id) {
    const { picture } = await gateway.request("picture", { chat: String(id) });
    if (!picture) return undefined;
    const address = new URL(picture, location.origin).href;
    return { id, img: address, imgFull: address };
  }
}
