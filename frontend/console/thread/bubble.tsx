// One message: what it answers, what it says, how far it came, and what one can do with it.
import type { Message } from "../../api/shapes";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { memo } from "../../ui/memo";
import { Ticks } from "../../ui/ticks";
import { toast } from "../../ui/toast";
import { Body } from "../bodies/body";
import { clock, isMine } from "../desk";
import type { Local } from "../state/shape";
import { answer } from "../replying";
import { Problem } from "./problem";
import { QuotedView } from "./quoted";
import { Reactions } from "./reactions";
import { Waiting } from "./waiting";

interface Props {
  message: Message;
  local: Local | null;
  /** Of its group: only there stands the time. */
  isLast: boolean;
  onShow(messageId: string): boolean;
}

const BARE = new Set(["sticker"]);
const PICTURES = new Set(["image", "video"]);

export const BubbleView = memo(({ message, local, isLast, onShow }: Props) => {
  const isOut = message.direction === "out";
  const { quoted } = message;
  const hasFailed = message.ack === "failed";
  const look = [
    "bubble",
    isOut ? "bubble-out" : "bubble-in",
    isLast && "bubble-last",
    hasFailed && "bubble-failed",
    message.deleted_at && "bubble-deleted",
    !message.deleted_at && BARE.has(message.kind) && "bubble-bare",
    !message.deleted_at &&
      PICTURES.has(message.kind) &&
      (message.text || local ? "bubble-captioned" : "bubble-picture"),
  ];
  return (
    <div class="bubble-row">
      <div class="bubble-line">
        <div
          class={look.filter(Boolean).join(" ")}
          data-message={message.id}
          tabIndex={-1}
          title={clock.full(message.sent_at)}
        >
          {quoted && !message.deleted_at && (
            <QuotedView
              quoted={quoted}
              onClick={() => {
                if (!quoted.id || !onShow(quoted.id)) toast(t("quote.not_loaded"));
              }}
            />
          )}
          {message.deleted_at ? <Deleted /> : <Body message={message} local={local} />}
          <Meta message={message} isLast={isLast} />
        </div>
        {isMine.value && !local && !message.deleted_at && (
          <button
            type="button"
            class="bubble-reply tool tool-sm"
            tabIndex={-1}
            title={t("reply")}
            aria-label={t("reply")}
            onClick={() => answer(message)}
          >
            <Icon of={icons.reply} />
          </button>
        )}
      </div>
      {message.reactions.length > 0 && <Reactions reactions={message.reactions} />}
      {message.ack === "pending" && <Waiting message={message} />}
      {(hasFailed || message.ack === "unconfirmed") && <Problem message={message} local={local} />}
    </div>
  );
});

function Deleted() {
  return <span class="bubble-text italic soft">{t("message.deleted")}</span>;
}

function Meta({ message, isLast }: { message: Message; isLast: boolean }) {
  const ticks = message.direction === "out" && !message.deleted_at ? message.ack : null;
  if (!isLast && !ticks && !message.edited_at) return null;
  return (
    <span class="bubble-meta">
      {message.edited_at && !message.deleted_at && <span>{t("message.edited")}</span>}
      {isLast && <time dateTime={message.sent_at}>{clock.time(message.sent_at)}</time>}
      {ticks && <Ticks ack={ticks} />}
    </span>
  );
}
