// Words: a text message, or the caption of something else. Long ones are folded.
import { useState } from "preact/hooks";
import { t } from "../../locales";
import { isJumbo } from "../../text/markup";
import { Rich } from "../../text/rich";
import type { BodyProps } from "./props";

const LONG_CHARACTERS = 1_200;
const LONG_LINES = 22;

export function TextBody({ message }: BodyProps) {
  const [isUnfolded, unfold] = useState(false);
  const { text } = message;
  if (!text) return <span class="bubble-text italic soft">{t("message.empty")}</span>;
  if (isJumbo(text)) return <span class="bubble-jumbo">{text}</span>;
  const isLong = text.length > LONG_CHARACTERS || text.split("\n", LONG_LINES + 1).length > LONG_LINES;
  return (
    <>
      <span class={`bubble-text ${isLong && !isUnfolded ? "bubble-folded" : ""}`} dir="auto">
        <Rich text={text} />
      </span>
      {isLong && !isUnfolded && (
        <button type="button" class="bubble-more" onClick={() => unfold(true)}>
          {t("message.more")}
        </button>
      )}
    </>
  );
}

export function Caption({ message }: BodyProps) {
  return message.text ? <TextBody message={message} /> : null;
}
