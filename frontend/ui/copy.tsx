// A button that copies a text and says so.
import { useState } from "preact/hooks";
import { t } from "../locales";
import { Icon, icons } from "./icon";

const SAID_MS = 1_600;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), SAID_MS);
  };
  return (
    <button
      type="button"
      class="tool tool-sm"
      title={label}
      aria-label={isDone ? t("copied") : label}
      onClick={copy}
    >
      <Icon of={isDone ? icons.check : icons.copy} class={isDone ? "text-success" : ""} />
    </button>
  );
}
