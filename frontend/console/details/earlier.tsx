// The customer's other tickets; those one may see are links.
import type { EarlierTicket, TicketRow } from "../../api/shapes";
import { t } from "../../locales";
import { Delayed } from "../../ui/delayed";
import { clock } from "../desk";
import { addressOf, follow } from "../route";
import { card, readCard } from "./cards";

export function EarlierSection({ ticket }: { ticket: TicketRow }) {
  const known = card.value?.contactId === ticket.contact.id ? card.value : null;
  const earlier = known?.earlier.filter((each) => each.id !== ticket.id) ?? [];
  return (
    <section class="details-part" aria-label={t("earlier.label")}>
      <h3>{t("earlier.label")}</h3>
      {(!known || known.phase === "loading") && (
        <Delayed>
          <div class="skeleton h-12 w-full" role="status" aria-label={t("loading")} />
        </Delayed>
      )}
      {known?.phase === "error" && (
        <button type="button" class="btn btn-sm" onClick={() => void readCard(ticket.contact.id)}>
          {t("earlier.trouble")}
        </button>
      )}
      {known?.phase === "ready" && !earlier.length && <p class="details-none">{t("earlier.none")}</p>}
      <ul class="space-y-1">
        {earlier.map((each) => (
          <li key={each.id}>
            {each.is_visible ? (
              <a
                class="earlier earlier-link"
                href={addressOf(each.id)}
                onClick={(event) => follow(event, each.id)}
              >
                <Words ticket={each} />
              </a>
            ) : (
              <div class="earlier" title={t("earlier.hidden")}>
                <Words ticket={each} />
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Words({ ticket }: { ticket: EarlierTicket }) {
  const where = [ticket.sector?.name, ticket.assignee?.name].filter(Boolean).join(" · ");
  return (
    <>
      <span class="flex justify-between gap-2">
        <span class="font-medium tabular-nums">#{ticket.number}</span>
        <time class="soft" dateTime={ticket.opened_at} title={clock.full(ticket.opened_at)}>
          {clock.date(ticket.opened_at)}
        </time>
      </span>
      <span class="truncate soft">
        {t(`status_one.${ticket.status}`)}
        {where && ` · ${where}`}
      </span>
    </>
  );
}
