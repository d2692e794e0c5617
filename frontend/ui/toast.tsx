// Short notices at the edge of the screen, read out politely.
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../locales";
import { Icon, icons } from "./icon";

interface Toast {
  id: number;
  text: string;
  tone: "plain" | "success" | "error";
  action: { label: string; run: () => void } | null;
}

const SHOWN_MS = 5_000;
const SHOWN_WITH_ACTION_MS = 8_000;

const toasts = signal<readonly Toast[]>([]);
let count = 0;

export function toast(text: string, { tone, action }: Partial<Pick<Toast, "tone" | "action">> = {}): void {
  const id = ++count;
  toasts.value = [...toasts.peek().slice(-2), { id, text, tone: tone ?? "plain", action: action ?? null }];
  setTimeout(() => dismiss(id), action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.value = toasts.peek().filter((toast) => toast.id !== id);
}

const MARK = { plain: icons.info, success: icons.circleCheck, error: icons.alert };

export function Toasts() {
  const root = useRef<HTMLDivElement>(null);
  const shown = toasts.value;
  // A modal dialog covers the page; as a popover that is shown again, notices stand above it.
  useLayoutEffect(() => {
    const popover = root.current!;
    if (popover.matches(":popover-open") && shown.length) popover.hidePopover();
    if (!popover.matches(":popover-open")) popover.showPopover();
  }, [shown]);
  return (
    <div ref={root} class="toasts" role="status" aria-live="polite" popover="manual">
      {shown.map(({ id, text, tone, action }) => (
        <div key={id} class={`toast-note toast-${tone}`}>
          <Icon of={MARK[tone]} class="text-lg" />
          <span class="flex-1">{text}</span>
          {action && (
            <button
              type="button"
              class="toast-action"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" class="toast-close" aria-label={t("close")} onClick={() => dismiss(id)}>
            <Icon of={icons.x} />
          </button>
        </div>
      ))}
    </div>
  );
}
