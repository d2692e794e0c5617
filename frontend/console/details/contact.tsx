// Who the customer is.
import type { TicketRow } from "../../api/shapes";
import { contactName } from "../../format/contact";
import { phone } from "../../format/phone";
import { t } from "../../locales";
import { Avatar } from "../../ui/avatar";
import { CopyButton } from "../../ui/copy";
import { clock } from "../desk";
import { card } from "./cards";

export function ContactSection({ ticket }: { ticket: TicketRow }) {
  const { contact } = ticket;
  const number = phone(contact.phone);
  const since = card.value?.contactId === contact.id ? card.value.contact?.created_at : undefined;
  return (
    <section class="details-who">
      <Avatar id={contact.id} name={contact.name} size={76} />
      <h2 class="details-name">{contactName(contact)}</h2>
      {number && (
        <p class="details-phone">
          <span class="tabular-nums">{number}</span>
          <CopyButton text={contact.phone!} label={t("contact.copy_phone")} />
        </p>
      )}
      {since && <p class="details-since">{t("contact.since", { date: clock.date(since) })}</p>}
    </section>
  );
}
