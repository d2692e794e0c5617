// Below the thread: what the customer is doing, and which colleague is answering.
import { computed } from "@preact/signals";
import type { TicketRow } from "../../api/shapes";
import { contactName } from "../../format/contact";
import { firstName } from "../../format/person";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { activity, state } from "../desk";
import { chatKey } from "../state/typing";

const writers = computed(() => state.value.writers);

export function Activity({ ticket }: { ticket: TicketRow }) {
  const doing = activity.value.get(chatKey(ticket.connection.id, ticket.chat));
  const others = writers.value.get(ticket.id) ?? [];
  if (!doing && !others.length) return null;
  return (
    <div class="activity">
      {doing && (
        <span class="activity-line">
          {doing.activity === "recording" ? <Icon of={icons.mic} class="text-primary" /> : <Dots />}
          {t(`thread.${doing.activity}`, { name: firstName(contactName(ticket.contact)) })}
        </span>
      )}
      {others.map((writer) => (
        <span key={writer.id} class="activity-line activity-member">
          <Dots />
          {t("thread.member_answering", { name: firstName(writer.name) })}
        </span>
      ))}
    </div>
  );
}

function Dots() {
  return (
    <span class="dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
