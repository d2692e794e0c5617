// Where one writes: text that grows, files, an answer to something; Enter sends.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { TicketRow } from "../../api/shapes";
import { contactName } from "../../format/contact";
import { firstName } from "../../format/person";
import { t, tn } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { boot } from "../desk";
import { drafts, keepDraft } from "../drafts";
import { send } from "../sending";
import { noteTyping, stopTyping } from "../typing";
import { replyTo, wantsComposer } from "../view";
import { attach, clear, picked, takeAll } from "./attachments";
import { ReplyBar } from "./reply-bar";
import { Tray } from "./tray";

const TALLEST = 220;
const DRAFT_PAUSE_MS = 300;
// On a phone's keyboard Enter is the only way to a new line; there the button sends.
const isTouch = matchMedia("(pointer: coarse)").matches;

export function Composer({ ticket }: { ticket: TicketRow }) {
  const [text, setText] = useState(() => drafts.peek().get(ticket.id) ?? "");
  const area = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const latest = useRef(text);
  latest.current = text;
  const name = contactName(ticket.contact);
  const excess = [...text.trim()].length - boot.max_chars;
  const canSend = excess <= 0 && (text.trim() !== "" || picked.value.length > 0);

  useLayoutEffect(() => {
    const box = area.current!;
    box.style.height = "auto";
    box.style.height = `${Math.min(TALLEST, box.scrollHeight)}px`;
  }, [text]);
  useEffect(() => {
    const timer = setTimeout(() => keepDraft(ticket.id, text), DRAFT_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(
    () => () => {
      keepDraft(ticket.id, latest.current);
      clear();
      stopTyping();
    },
    [],
  );
  const wanted = wantsComposer.value;
  useEffect(() => {
    if (!wanted) return;
    wantsComposer.value = 0;
    area.current?.focus();
  }, [wanted]);

  const submit = () => {
    if (!canSend) return;
    send(ticket.id, text.trim(), replyTo.peek(), takeAll());
    setText("");
    latest.current = "";
    keepDraft(ticket.id, "");
    replyTo.value = null;
    stopTyping();
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter belongs to it.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !isTouch) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (replyTo.peek()) replyTo.value = null;
      else area.current?.blur();
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.preventDefault();
    void attach(files);
  };

  return (
    <form
      class="composer"
      aria-label={t("composer.label")}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ReplyBar />
      <Tray />
      {excess > 0 && (
        <p class="composer-excess text-error-ink" role="alert">
          <Icon of={icons.alert} />
          {tn("composer.excess", excess)}
        </p>
      )}
      <div class="composer-box">
        <button
          type="button"
          class="tool"
          aria-label={t("composer.attach")}
          title={t("composer.attach")}
          onClick={() => chooser.current?.click()}
        >
          <Icon of={icons.paperclip} />
        </button>
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            void attach(event.currentTarget.files ?? []);
            event.currentTarget.value = "";
            area.current?.focus();
          }}
        />
        <textarea
          ref={area}
          rows={1}
          class="composer-text"
          dir="auto"
          aria-label={t("composer.text", { name })}
          placeholder={
            picked.value.length ? t("composer.caption") : t("composer.placeholder", { name: firstName(name) })
          }
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            if (event.currentTarget.value.trim()) noteTyping();
          }}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <button
          type="submit"
          class="composer-send"
          disabled={!canSend}
          aria-label={t("composer.send")}
          title={t("composer.send")}
        >
          <Icon of={icons.send} />
        </button>
      </div>
    </form>
  );
}
