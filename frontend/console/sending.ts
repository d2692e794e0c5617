// Sends messages: a bubble at once, the request in its turn, and a way back when it fails.
import { ApiError, CANCELLED } from "../api/client";
import type { Message, Quoted } from "../api/shapes";
import { type Upload, upload } from "../api/upload";
import { contactName } from "../format/contact";
import { t } from "../locales";
import { toast } from "../ui/toast";
import { words } from "./actions";
import { api, change, state } from "./desk";
import { keepPreview, newRef, type Picked, release } from "./files";
import { createQueue, type Job } from "./queue";
import type { Local } from "./state/shape";
import { addLocal, changeLocal, dropLocal, putMessage } from "./state/threads";
import { unreadMark } from "./view";

interface Send extends Job {
  text: string;
  quotedId: string | null;
  file: File | null;
}

const sends = new Map<string, Send>();
const uploads = new Map<string, Upload<Message>>();

const queue = createQueue<Send>({
  deliver,
  isPassing: (error) => error instanceof ApiError && error.isPassing && error.code !== CANCELLED,
  onFailed,
  pause: (attempt) => new Promise((done) => setTimeout(done, 700 * 2 ** attempt)),
});

export function send(ticketId: string, text: string, quoted: Message | null, files: Picked[]): void {
  unreadMark.value = null;
  // The caption and the quote go with the first file.
  if (!files.length) post(ticketId, text, quoted, null);
  files.forEach((file, i) => post(ticketId, i ? "" : text, i ? null : quoted, file));
}

function post(ticketId: string, text: string, quoted: Message | null, picked: Picked | null): void {
  const ref = newRef();
  const local: Local = {
    ref,
    ticketId,
    text,
    quoted: quoted && quoteOf(quoted),
    file: picked && {
      kind: picked.kind,
      name: picked.file.name,
      mime: picked.file.type,
      size: picked.file.size,
      width: picked.width,
      height: picked.height,
    },
    at: new Date().toISOString(),
    state: "sending",
    progress: picked ? 0 : null,
    error: null,
  };
  if (picked?.preview) keepPreview(ref, picked.preview);
  else if (picked) release(picked);
  change((s) => addLocal(s, local));
  const job = { lane: ticketId, ref, text, quotedId: quoted?.id ?? null, file: picked?.file ?? null };
  sends.set(ref, job);
  queue.add(job);
}

export function quoteOf(message: Message): Quoted {
  const contact = state.peek().tickets.get(message.ticket_id)?.contact;
  return {
    id: message.id,
    direction: message.direction,
    kind: message.kind,
    text: message.text,
    author_name: message.direction === "in" && contact ? contactName(contact) : (message.author?.name ?? ""),
  };
}

async function deliver(job: Send): Promise<void> {
  const path = `tickets/${job.lane}/messages/`;
  const key = { "Idempotency-Key": job.ref };
  const sent = job.file
    ? await deliverFile(path, job, key)
    : await api.send<Message>("POST", path, { text: job.text, ...quoting(job) }, key);
  sends.delete(job.ref);
  change((s) => dropLocal(putMessage(s, sent), job.lane, job.ref));
}

async function deliverFile(path: string, job: Send, key: Record<string, string>): Promise<Message> {
  const form = new FormData();
  form.set("file", job.file!);
  if (job.text) form.set("text", job.text);
  if (job.quotedId) form.set("quoted_id", job.quotedId);
  const running = upload<Message>(api, path, form, key, (progress) =>
    change((s) => changeLocal(s, job.lane, job.ref, { progress })),
  );
  uploads.set(job.ref, running);
  try {
    return await running.done;
  } finally {
    uploads.delete(job.ref);
  }
}

function quoting(job: Send): { quoted_id?: string } {
  return job.quotedId ? { quoted_id: job.quotedId } : {};
}

function onFailed(job: Send, error: unknown): void {
  const { code, message } = error instanceof ApiError ? error : { code: "unknown", message: "" };
  if (code === CANCELLED) return drop(job.lane, job.ref);
  const thread = state.peek().threads.get(job.lane);
  if (!thread?.outbox.some((local) => local.ref === job.ref)) {
    // The ticket went out of sight before its message left; say so, for there is no bubble to colour.
    if (sends.delete(job.ref) && !thread) toast(t("send.lost"), { tone: "error" });
    return;
  }
  const failure = { state: "failed", error: { code, message }, progress: null } as const;
  change((s) => changeLocal(s, job.lane, job.ref, failure));
}

/** Tries again with the same key. Messages that failed together go again together, in their order. */
export function retry(ticketId: string, ref: string): void {
  const outbox = state.peek().threads.get(ticketId)?.outbox ?? [];
  const failed = outbox.filter((local) => local.state === "failed");
  const chosen = failed.find((local) => local.ref === ref);
  const together = failed.filter((local) => local.error?.code === chosen?.error?.code);
  for (const local of together) {
    const job = sends.get(local.ref);
    if (!job) continue;
    const progress = job.file ? 0 : null;
    change((s) => changeLocal(s, ticketId, local.ref, { state: "sending", error: null, progress }));
    queue.add(job);
  }
}

/** Stops an upload, or gives up a message that failed. */
export function discard(ticketId: string, ref: string): void {
  const running = uploads.get(ref);
  if (running) running.cancel();
  else if (queue.withdraw(ref) || isFailed(ticketId, ref)) drop(ticketId, ref);
}

function isFailed(ticketId: string, ref: string): boolean {
  const outbox = state.peek().threads.get(ticketId)?.outbox ?? [];
  return outbox.some((local) => local.ref === ref && local.state === "failed");
}

function drop(ticketId: string, ref: string): void {
  sends.delete(ref);
  change((s) => dropLocal(s, ticketId, ref));
}

/** Asks the server to try once more to send a message that WhatsApp refused. */
export async function attemptAgain(message: Message): Promise<void> {
  try {
    const tried = await api.send<Message>("POST", `messages/${message.id}/attempt/`);
    change((s) => putMessage(s, tried));
  } catch (error) {
    toast(words(error), { tone: "error" });
  }
}

/** Is anything of ours still on its way? Asked before the page is left. */
export function hasUnsent(): boolean {
  return [...state.peek().threads.values()].some((thread) =>
    thread.outbox.some((local) => local.state === "sending"),
  );
}
