// What the page knows: rows from the server, replaced whole, and what is open. No elements here.

import { api } from "./net.js";

const TYPING_MS = 12_000;

export const state = {
  phones: new Map(), // number → phone row
  chats: new Map(), // number → Map(other → chat row)
  threads: new Map(), // threadKey → {rows: Map(id → message row), from: first serial, next, isLoaded}
  typing: new Map(), // threadKey → activity
  phone: null, // number of the phone in hand
  chat: null, // number of the open chat
  replyTo: null, // message row
  editing: null, // message row
  isReady: false,
  isConnected: false,
};

const watchers = new Set();
const deviceWatchers = new Set();
const timers = new Map();
let isDrawing = false;
let frames = 0;

export const watch = (watcher) => watchers.add(watcher);

/** Hear of changed devices of a phone; returns how to stop hearing. */
export function watchDevices(watcher) {
  deviceWatchers.add(watcher);
  return () => deviceWatchers.delete(watcher);
}

/** Draw once per frame, however many changes arrive. */
export function changed() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    for (const watcher of watchers) watcher();
  });
}

export const threadKey = (number, other) => `${number} ${other}`;
export const currentPhone = () => state.phones.get(state.phone);
export const currentChat = () => state.chats.get(state.phone)?.get(state.chat);
export const currentThread = () => state.threads.get(threadKey(state.phone, state.chat));
export const currentTyping = () => state.typing.get(threadKey(state.phone, state.chat));
export const nameOf = (number) => state.phones.get(number)?.name || "";

// what the server says

const APPLY = {
  phone: (data) => putPhone(data),
  phone_removed: (data) => dropPhone(data.number),
  devices: (data) => deviceWatchers.forEach((watcher) => watcher(data.number)),
  typing: (data) => setTyping(threadKey(data.phone, data.by), data.activity),
  message: (data) => {
    state.phones.set(data.phone.number, data.phone);
    state.chats.get(data.phone.number)?.set(data.chat.number, data.chat);
    putMessage(data.phone.number, data.chat.number, data.message);
  },
};

export function apply(frame) {
  frames += 1;
  APPLY[frame.kind]?.(frame.data);
  changed();
}

function putPhone(phone) {
  const before = state.phones.get(phone.number);
  state.phones.set(phone.number, phone);
  if (before && before.devices !== phone.devices) deviceWatchers.forEach((watcher) => watcher(phone.number));
}

function dropPhone(number) {
  state.phones.delete(number);
  state.chats.delete(number);
  for (const key of state.threads.keys()) if (key.startsWith(`${number} `)) state.threads.delete(key);
  if (state.phone === number) open(null, null);
}

/** A message that was just sent. The socket may have told of it sooner, and have newer ticks. */
export function putSent(number, other, message) {
  if (!state.threads.get(threadKey(number, other))?.rows.has(message.id)) putMessage(number, other, message);
}

function putMessage(number, other, message) {
  const key = threadKey(number, other);
  if (!message.from_me) setTyping(key, "idle");
  const thread = state.threads.get(key);
  if (thread && message.serial >= thread.from) thread.rows.set(message.id, message);
  changed();
}

function setTyping(key, activity) {
  clearTimeout(timers.get(key));
  if (activity === "idle") {
    state.typing.delete(key);
  } else {
    state.typing.set(key, activity);
    timers.set(key, setTimeout(() => { state.typing.delete(key); changed(); }, TYPING_MS));
  }
}

/** Load rows that no change has overtaken on the way: an answer older than a frame must not replace it. */
async function fresh(request) {
  for (let tries = 0; ; tries += 1) {
    const before = frames;
    const rows = await request();
    if (frames === before || tries === 5) return rows;
  }
}

/** Load everything anew: at the start, and whenever the socket was away. */
export async function load() {
  const phones = await fresh(api.phones);
  state.phones = new Map(phones.map((phone) => [phone.number, phone]));
  state.chats.clear();
  state.threads.clear();
  state.isReady = true;
  if (state.phone && !state.phones.has(state.phone)) open(null, null);
  await loadOpen();
  changed();
}

async function loadOpen() {
  const { phone, chat } = state;
  if (phone && !state.chats.has(phone)) {
    const rows = await fresh(() => api.chats(phone));
    state.chats.set(phone, new Map(rows.map((row) => [row.number, row])));
    changed();
  }
  if (phone && chat && !currentThread()) await loadOlder(phone, chat);
}

/** The newest messages of a chat, or those before the ones that are there. */
export async function loadOlder(number, other) {
  const key = threadKey(number, other);
  const thread = state.threads.get(key) || { rows: new Map(), from: 0, next: null, isLoaded: false };
  state.threads.set(key, thread);
  const page = await api.messages(number, other, thread.next);
  for (const message of page.results) if (!thread.rows.has(message.id)) thread.rows.set(message.id, message);
  thread.next = page.next;
  // Changes of older messages, not loaded yet, must not leave holes between them and the loaded ones.
  thread.from = page.next ? page.results[0].serial : 0;
  for (const [id, message] of thread.rows) if (message.serial < thread.from) thread.rows.delete(id);
  thread.isLoaded = true;
  changed();
}

export const ordered = (thread) => [...thread.rows.values()].sort((a, b) => a.serial - b.serial);

// what is open

/** Take a phone in hand, and open one of its chats; the address keeps both. */
export function open(phone, chat) {
  Object.assign(state, { phone, chat, replyTo: null, editing: null });
  const address = phone ? `#${phone}${chat ? `/${chat}` : ""}` : "#";
  if (location.hash !== address) history.pushState(null, "", address);
  changed();
  loadOpen().catch(() => {});
}

export function openFromAddress() {
  const [phone, chat] = decodeURIComponent(location.hash.slice(1)).split("/");
  Object.assign(state, { phone: phone || null, chat: chat || null, replyTo: null, editing: null });
  if (state.isReady && state.phone && !state.phones.has(state.phone)) Object.assign(state, { phone: null, chat: null });
  changed();
  if (state.isReady) loadOpen().catch(() => {});
}
