// The message that will be answered to, above the composer.
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { quoteOf } from "../sending";
import { QuotedText } from "../thread/quoted";
import { replyTo } from "../view";

export function ReplyBar() {
  const message = replyTo.value;
  if (!message) return null;
  return (
    <div class="reply-bar">
      <Icon of={icons.reply} class="text-primary" />
      <div class={`quoted quoted-${message.direction} flex-1`}>
        <QuotedText quoted={quoteOf(message)} />
      </div>
      <button
        type="button"
        class="tool tool-sm"
        aria-label={t("composer.no_reply")}
        onClick={() => (replyTo.value = null)}
      >
        <Icon of={icons.x} />
      </button>
    </div>
  );
}
