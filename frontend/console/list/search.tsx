// The search box over the chosen list.
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { query } from "../searching";

export const SEARCH_ID = "inbox-search";

export function Search() {
  return (
    <div class="search-box" role="search">
      <Icon of={icons.search} />
      <input
        id={SEARCH_ID}
        type="search"
        aria-label={t("search.label")}
        placeholder={t("search.placeholder")}
        autocomplete="off"
        spellcheck={false}
        value={query.value}
        onInput={(event) => (query.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          query.value = "";
          event.currentTarget.blur();
        }}
      />
      {query.value ? (
        <button
          type="button"
          class="tool tool-sm"
          aria-label={t("search.clear")}
          onClick={() => (query.value = "")}
        >
          <Icon of={icons.x} />
        </button>
      ) : (
        <kbd class="kbd-hint" aria-hidden="true">
          /
        </kbd>
      )}
    </div>
  );
}
