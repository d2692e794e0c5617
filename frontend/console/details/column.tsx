// The right column: the contact, the ticket's facts, and earlier tickets.
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { openTicket } from "../desk";
import { detailsDrawer } from "../view";
import { readCard } from "./cards";
import { ContactSection } from "./contact";
import { EarlierSection } from "./earlier";
import { FactsSection } from "./facts";

export function Details({ isDrawer = false }: { isDrawer?: boolean }) {
  const ticket = openTicket.value;
  const contactId = ticket?.contact.id;
  useEffect(() => {
    if (contactId) void readCard(contactId);
  }, [contactId, ticket?.id, ticket?.status]);
  const close = () => (detailsDrawer.value = false);
  const closer = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isDrawer) return;
    const before = document.activeElement as HTMLElement | null;
    closer.current?.focus();
    return () => before?.focus();
  }, [isDrawer]);
  return (
    <>
      {isDrawer && <div class="drawer-shade" onClick={close} />}
      <section class={`details ${isDrawer ? "details-drawer" : ""}`} aria-label={t("details.label")}>
        {isDrawer && (
          <button
            ref={closer}
            type="button"
            class="tool details-close"
            aria-label={t("close")}
            onClick={close}
          >
            <Icon of={icons.x} />
          </button>
        )}
        {ticket && (
          <>
            <ContactSection ticket={ticket} />
            <FactsSection ticket={ticket} />
            <EarlierSection ticket={ticket} />
          </>
        )}
      </section>
    </>
  );
}
