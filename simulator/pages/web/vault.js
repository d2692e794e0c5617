// What brings a linked page back without a QR code: the device's token, encrypted, in IndexedDB.
//
// The key is a CryptoKey that cannot be exported and lives in the same database, as WhatsApp keeps
// its own: whoever copies the profile without the database, or reads the database without a browser,
// has nothing.

const NAME = "wawc-pretend";
const STORE = "signal";
const MARKER = "last-wid-md";

const asPromise = (request) =>
  new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return asPromise(request);
}

async function inStore(mode, act) {
  const database = await open();
  try {
    const transaction = database.transaction(STORE, mode, { durability: "strict" });
    const finished = new Promise((done, fail) => {
      transaction.oncomplete = done;
      transaction.onabort = () => fail(transaction.error);
    });
    const result = await act(transaction.objectStore(STORE));
    await finished;
    return result;
  } finally {
    database.close();
  }
}

/** `{token, phone}`, or null where there is nothing to come back with. */
export async function readLink() {
  const [key, sealed] = await inStore("readonly", (store) =>
    Promise.all([asPromise(store.get("key")), asPromise(store.get("link"))]));
  if (!key || !sealed) return null;
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.data);
  return JSON.parse(new TextDecoder().decode(plain));
}

export async function keepLink(link) {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify(link)));
  await inStore("readwrite", (store) =>
    Promise.all([asPromise(store.put(key, "key")), asPromise(store.put({ iv, data }, "link"))]));
  localStorage.setItem(MARKER, JSON.stringify(`${link.phone.slice(1)}@c.us`));
}

/** Events up to this number were taken in; the network need not tell them again. */
export const keepSeq = (seq) => inStore("readwrite", (store) => asPromise(store.put(seq, "seq")));

export const readSeq = async () => (await inStore("readonly", (store) => asPromise(store.get("seq")))) ?? 0;

export async function wipe() {
  localStorage.removeItem(MARKER);
  await inStore("readwrite", (store) => asPromise(store.clear()));
}
