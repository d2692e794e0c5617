// The ticket's facts: number, where it stands, whose it is, and when what happened.
import type { TicketRow } from "../../api/shapes";
import { t } from "../../locales";
import { clock } from "../desk";
import { SectorChip } from "../list/row";

export function FactsSection({ ticket }: { ticket: TicketRow }) {
  const { sector } = ticket;
  return (
    <section class="details-part" aria-label={t("facts.label")}>
      <h3>
        {t("facts.label")}
        <span class="details-number">#{ticket.number}</span>
      </h3>
      <dl class="facts">
        <Fact word={t("facts.status")}>
          <span class={`status-mark status-${ticket.status}`}>{t(`status_one.${ticket.status}`)}</span>
        </Fact>
        <Fact word={t("facts.sector")}>
          <SectorChip name={sector.name} color={sector.color} />
        </Fact>
        <Fact word={t("facts.connection")}>{ticket.connection.name}</Fact>
        <Fact word={t("facts.assignee")}>{ticket.assignee?.name ?? t("facts.nobody")}</Fact>
        <Time word={t("facts.opened")} at={ticket.opened_at} />
        <Time word={t("facts.taken")} at={ticket.taken_at} />
        <Time word={t("facts.first_response")} at={ticket.first_response_at} />
        <Time word={t("facts.closed")} at={ticket.closed_at} />
      </dl>
    </section>
  );
}

function Fact({ word, children }: { word: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Time({ word, at }: { word: string; at: string | null }) {
  if (!at) return null;
  return (
    <Fact word={word}>
      <time class="tabular-nums" dateTime={at} title={clock.full(at)}>
        {clock.stamp(at)}
      </time>
    </Fact>
  );
}
