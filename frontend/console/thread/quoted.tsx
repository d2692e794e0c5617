// The message that is answered to, small, above the answer.
import type { Quoted } from "../../api/shapes";
import { t } from "../../locales";
import { Icon } from "../../ui/icon";
import { preview } from "../list/preview";

export function QuotedView({ quoted, onClick }: { quoted: Quoted; onClick?: () => void }) {
  return (
    <button type="button" class={`quoted quoted-${quoted.direction}`} onClick={onClick} disabled={!onClick}>
      <QuotedText quoted={quoted} />
    </button>
  );
}

export function QuotedText({ quoted }: { quoted: Quoted }) {
  const isFromBefore = quoted.id === null && quoted.kind === "unsupported";
  const { icon, text } = isFromBefore ? { icon: null, text: t("quote.before") } : preview(quoted);
  const us = quoted.direction === "out";
  return (
    <>
      <span class="quoted-author">{quoted.author_name || t(us ? "quote.us" : "quote.them")}</span>
      <span class="quoted-text">
        {icon && <Icon of={icon} />}
        <span>{text}</span>
      </span>
    </>
  );
}
