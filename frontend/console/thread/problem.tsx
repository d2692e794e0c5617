// Under a message that did not get through, or of which WhatsApp said nothing: why, and what now.
import { CANCELLED } from "../../api/client";
import type { Message } from "../../api/shapes";
import { coded, t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { isMine } from "../desk";
import { attemptAgain, discard, retry } from "../sending";
import type { Local } from "../state/shape";

export function Problem({ message, local }: { message: Message; local: Local | null }) {
  if (message.ack === "unconfirmed") {
    return (
      <p class="bubble-problem text-warning-ink">
        <span>
          <Icon of={icons.help} />
          {t("message.unconfirmed")}
        </span>
      </p>
    );
  }
  const again = () => (local ? retry(local.ticketId, local.ref) : void attemptAgain(message));
  return (
    <p class="bubble-problem text-error-ink" role={local ? "alert" : undefined}>
      <span>
        <Icon of={icons.alert} />
        {t("message.failed")} {local ? refusal(message) : failure(message)}
      </span>
      {isMine.value && (
        <button type="button" class="bubble-action" onClick={again}>
          <Icon of={icons.retry} />
          {t("retry")}
        </button>
      )}
      {local && (
        <button type="button" class="bubble-action" onClick={() => discard(local.ticketId, local.ref)}>
          {t("discard")}
        </button>
      )}
    </p>
  );
}

/** Why our server did not take it: its sentences are in the reader's language. */
function refusal({ error }: Message): string {
  if (!error || error.code === CANCELLED) return "";
  return coded("error", error.code) ?? (error.message || t("error.generic"));
}

/** Why WhatsApp did not take it: by the code alone, for what a gateway says is not for people. */
function failure({ error }: Message): string {
  return coded("failure", error?.code ?? "") ?? t("failure.other");
}
