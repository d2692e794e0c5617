// The left column: tabs with counters, search, and the rows.
import { t } from "../../locales";
import { Rows } from "./listing";
import { Search } from "./search";
import { Tabs } from "./tabs";

export function ListColumn() {
  return (
    <section class="list-column" aria-label={t("list.label")}>
      <div class="list-head">
        <Tabs />
        <Search />
      </div>
      <Rows />
    </section>
  );
}
