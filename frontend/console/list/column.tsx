// The left column: tabs with counters, search, and the rows.
import { t } from "../../locales";
import { Rows } from "./listing";
import { Search } from "./search";
import { Tabs } from "./tabs";

export function ListColumn() {
  return (
    <aside class="list-column" aria-label={t("list.label")}>
      <h1 class="sr-only">{t("title.inbox")}</h1>
      <div class="list-head">
        <Tabs />
        <Search />
      </div>
      <Rows />
    </aside>
  );
}
