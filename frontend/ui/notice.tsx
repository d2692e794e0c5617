// What a part of the screen says when it has nothing to show: empty, or in trouble with a way out.
import type { ComponentChildren } from "preact";
import { t } from "../locales";
import { Icon, icons } from "./icon";

interface Props {
  icon: string;
  title: string;
  text?: string;
  children?: ComponentChildren;
}

export function Notice({ icon, title, text, children }: Props) {
  return (
    <div class="notice">
      <span class="notice-mark">
        <Icon of={icon} />
      </span>
      <p class="notice-title">{title}</p>
      {text && <p class="notice-text">{text}</p>}
      {children && <div class="mt-4 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}

export function Trouble({ title, onRetry }: { title: string; onRetry(): void }) {
  return (
    <div role="alert">
      <Notice icon={icons.alert} title={title} text={t("trouble.text")}>
        <button type="button" class="btn btn-sm" onClick={onRetry}>
          <Icon of={icons.retry} />
          {t("retry")}
        </button>
      </Notice>
    </div>
  );
}
