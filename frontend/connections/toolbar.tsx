// Above the cards: the company's figures, a filter, a search, and bringing everything back.
import { useState } from "preact/hooks";
import { t, tn } from "../locales";
import { Icon, icons } from "../ui/icon";
import { FILTERS } from "./choosing";
import { boot, cards, filter, search } from "./desk";
import { Restore } from "./dialogs";
import { own } from "./icons";

export function TotalsLine() {
  const { totals } = cards.value;
  if (!totals) return null;
  const parts = [
    tn("totals.connections", totals.connections),
    tn("totals.connected", totals.connected),
    ...(totals.down ? [tn("totals.down", totals.down)] : []),
    tn("totals.queued", totals.queued),
    t("totals.today", {
      sent: totals.sent_today,
      received: totals.received_today,
      failed: totals.failed_today,
    }),
  ];
  return <p class="totals">{parts.join(" · ")}</p>;
}

export function Toolbar({ count }: { count: number }) {
  const [isRestoring, setRestoring] = useState(false);
  return (
    <div class="toolbar">
      <div class="segments segments-wrap" role="group" aria-label={t("filter.label")}>
        {FILTERS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={filter.value === each}
            onClick={() => (filter.value = each)}
          >
            {t(`filter.${each}`)}
          </button>
        ))}
      </div>
      <label class="input toolbar-search">
        <Icon of={icons.search} />
        <span class="sr-only">{t("filter.search")}</span>
        <input
          type="search"
          placeholder={t("filter.search")}
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
      </label>
      <p class="sr-only" role="status">
        {tn("filter.count", count)}
      </p>
      {boot.can_manage && (
        <button type="button" class="btn btn-sm" onClick={() => setRestoring(true)}>
          <Icon of={own.restart} />
          {t("restore.all")}
        </button>
      )}
      {isRestoring && <Restore onClose={() => setRestoring(false)} />}
    </div>
  );
}
