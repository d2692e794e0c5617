// Renaming, bringing back; and logging out and removing, which must be meant: the name has to be typed.
import { useState } from "preact/hooks";
import type { Connection } from "../api/shapes";
import { t } from "../locales";
import { Dialog } from "../ui/dialog";
import { busy, logOut, remove, rename, restoreAll } from "./actions";

interface Props {
  connection: Connection;
  onClose(): void;
}

const LONGEST_NAME = 60;

export function Rename({ connection, onClose }: Props) {
  const [name, setName] = useState(connection.name);
  const isReady = name.trim() !== "" && name.trim() !== connection.name;
  return (
    <Dialog title={t("connection.rename")} onClose={onClose}>
      <form
        class="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void rename(connection.id, name.trim()).then((isDone) => isDone && onClose());
        }}
      >
        <label class="block">
          <span class="sheet-label">{t("connection.name")}</span>
          <input
            class="input w-full"
            autofocus
            required
            maxLength={LONGEST_NAME}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <Buttons word={t("save")} isReady={isReady} onClose={onClose} />
      </form>
    </Dialog>
  );
}

export function LogOut({ connection, onClose }: Props) {
  return (
    <Meant
      connection={connection}
      word={t("connection.log_out")}
      text={t("connection.log_out_text")}
      act={() => logOut(connection.id)}
      onClose={onClose}
    />
  );
}

export function Remove({ connection, onClose }: Props) {
  return (
    <Meant
      connection={connection}
      word={t("connection.remove")}
      text={t("connection.remove_text")}
      act={(typed) => remove(connection.id, typed)}
      onClose={onClose}
    />
  );
}

interface MeantProps extends Props {
  word: string;
  text: string;
  act(typed: string): Promise<boolean>;
}

function Meant({ connection, word, text, act, onClose }: MeantProps) {
  const [typed, setTyped] = useState("");
  const isReady = typed.trim() === connection.name;
  return (
    <Dialog title={word} onClose={onClose}>
      <form
        class="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void act(typed.trim()).then((isDone) => isDone && onClose());
        }}
      >
        <p class="text-sm soft">{text}</p>
        <label class="block">
          <span class="sheet-label">{t("connection.type_name", { name: connection.name })}</span>
          <input
            class="input w-full"
            autofocus
            autocomplete="off"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <Buttons word={word} isReady={isReady} onClose={onClose} isGrave />
      </form>
    </Dialog>
  );
}

export function Restore({ onClose }: { onClose(): void }) {
  const [withStopped, setWithStopped] = useState(false);
  return (
    <Dialog title={t("restore.all")} onClose={onClose}>
      <form
        class="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void restoreAll(withStopped).then((isDone) => isDone && onClose());
        }}
      >
        <p class="text-sm soft">{t("restore.text")}</p>
        <label class="flex cursor-pointer items-center gap-2.5">
          <input
            type="checkbox"
            class="checkbox checkbox-primary checkbox-sm"
            checked={withStopped}
            onChange={(event) => setWithStopped(event.currentTarget.checked)}
          />
          {t("restore.with_stopped")}
        </label>
        <Buttons word={t("restore.all")} isReady onClose={onClose} />
      </form>
    </Dialog>
  );
}

interface ButtonsProps {
  word: string;
  isReady: boolean;
  onClose(): void;
  isGrave?: boolean;
}

function Buttons({ word, isReady, onClose, isGrave }: ButtonsProps) {
  return (
    <div class="flex flex-wrap justify-end gap-2">
      <button type="button" class="btn btn-ghost" onClick={onClose}>
        {t("cancel")}
      </button>
      <button
        type="submit"
        class={`btn ${isGrave ? "btn-error" : "btn-primary"}`}
        disabled={!isReady || busy.value !== null}
      >
        {word}
      </button>
    </div>
  );
}
