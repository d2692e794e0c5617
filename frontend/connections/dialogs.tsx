// Renaming, and logging out, which must be meant: the name has to be typed.
import { useState } from "preact/hooks";
import type { Connection } from "../api/shapes";
import { t } from "../locales";
import { Dialog } from "../ui/dialog";
import { busy, logOut, rename } from "./actions";

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
  const [typed, setTyped] = useState("");
  const isReady = typed.trim() === connection.name;
  return (
    <Dialog title={t("connection.log_out")} onClose={onClose}>
      <form
        class="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void logOut(connection.id).then((isDone) => isDone && onClose());
        }}
      >
        <p class="text-sm soft">{t("connection.log_out_text")}</p>
        <label class="block">
          <span class="sheet-label">{t("connection.log_out_type", { name: connection.name })}</span>
          <input
            class="input w-full"
            autofocus
            autocomplete="off"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <Buttons word={t("connection.log_out")} isReady={isReady} onClose={onClose} isGrave />
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
