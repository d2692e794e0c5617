// The three lists, with how many tickets stand in each.
import type { Status } from "../../api/shapes";
import { type Key, t } from "../../locales";
import { boot, state } from "../desk";
import { showList } from "../paging";
import { STATUSES } from "../state/shape";
import { tab } from "../view";

export const STATUS_WORD: Record<Status, Key> = {
  waiting: "status.waiting",
  in_service: "status.in_service",
  closed: "status.closed",
};

export function Tabs() {
  const { counters } = state.value;
  return (
    <div class="tabs-bar" role="group" aria-label={t("list.tabs")}>
      {STATUSES.map((status) => (
        <button
          key={status}
          type="button"
          class={`tab-button tab-${status}`}
          aria-pressed={tab.value === status}
          onClick={() => choose(status)}
        >
          <span class="tab-count">{counters ? short(counters[status]) : "–"}</span>
          <span class="tab-word">{t(STATUS_WORD[status])}</span>
        </button>
      ))}
    </div>
  );
}

function choose(status: Status): void {
  tab.value = status;
  void showList(status);
}

const compact = new Intl.NumberFormat(boot.locale, { notation: "compact", maximumFractionDigits: 1 });

function short(count: number): string {
  return count < 1000 ? String(count) : compact.format(count);
}
