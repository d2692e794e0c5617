// A native modal dialog: the browser traps the focus, closes on Esc and gives the focus back.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../locales";
import { Icon, icons } from "./icon";

interface Props {
  title: string;
  onClose(): void;
  class?: string;
  children: ComponentChildren;
}

/** Open as long as it is rendered. */
export function Dialog({ title, onClose, class: name = "", children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class={`sheet ${name}`}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <div class="sheet-box">
        <header class="sheet-head">
          <h2>{title}</h2>
          <button type="button" class="tool" aria-label={t("close")} onClick={onClose}>
            <Icon of={icons.x} />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
