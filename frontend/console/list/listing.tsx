// The rows of the list: virtual, endless, and still while the pointer is over them.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../locales";
import { Delayed } from "../../ui/delayed";
import { icons } from "../../ui/icon";
import { Notice, Trouble } from "../../ui/notice";
import { useVirtual } from "../../ui/virtual";
import { openId, state, wake } from "../desk";
import { loadMore, retryList } from "../paging";
import { findMore, query, searchAgain } from "../searching";
import { startup, tab } from "../view";
import { rowIds, tells } from "./rows";
import { Row } from "./row";
import { useSettled } from "./settled";

const ROW = 68;
const ROW_WITH_CHIPS = 86;
const NEAR_END = 8;

export function Rows() {
  const { tickets, lists, found } = state.value;
  const [isHovered, setHovered] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const status = tab.value;
  const list = found ? `search:${found.query}:${status}` : status;
  const ids = useSettled(list, rowIds.value, isHovered, (id) => tickets.has(id));
  const told = tells.value;
  const height = told.sector || told.connection || told.assignee ? ROW_WITH_CHIPS : ROW;
  const view = useVirtual(scroller, ids.length, height);
  const phase = found ? found.phase : lists[status].phase;
  const lastShown = view.items[view.items.length - 1]?.index ?? 0;

  useEffect(() => {
    if (!ids.length || lastShown < ids.length - NEAR_END) return;
    if (found) findMore();
    else void loadMore(status);
  }, [lastShown, ids.length, phase, list]);
  useEffect(() => scroller.current?.scrollTo(0, 0), [list]);
  useEffect(() => {
    const index = openId.value ? ids.indexOf(openId.value) : -1;
    if (index >= 0) view.show(index);
  }, [openId.value, list]);

  return (
    <div
      ref={scroller}
      class="list-rows"
      aria-busy={phase === "loading"}
      onPointerEnter={(event) => event.pointerType === "mouse" && setHovered(true)}
      onPointerLeave={() => setHovered(false)}
    >
      {ids.length > 0 && (
        <ul class="relative" style={{ height: `${view.height}px` }}>
          {view.items.map((item) => {
            const row = tickets.get(ids[item.index] ?? "");
            return (
              row && (
                <li
                  key={row.id}
                  class="list-slot"
                  aria-setsize={ids.length}
                  aria-posinset={item.index + 1}
                  style={{ height: `${height}px`, transform: `translateY(${item.start}px)` }}
                >
                  <Row row={row} isOpen={row.id === openId.value} tells={told} />
                </li>
              )
            );
          })}
        </ul>
      )}
      <Rest phase={startup.value === "error" ? "error" : phase} isEmpty={!ids.length} isSearch={!!found} />
    </div>
  );
}

interface RestProps {
  phase: "idle" | "loading" | "ready" | "error";
  isEmpty: boolean;
  isSearch: boolean;
}

/** What stands below the rows, or in their place. */
function Rest({ phase, isEmpty, isSearch }: RestProps) {
  if (phase === "error") return <Trouble title={t("list.trouble")} onRetry={retry} />;
  if (phase !== "ready") {
    return (
      <Delayed>
        <Skeletons count={isEmpty ? 10 : 2} />
      </Delayed>
    );
  }
  if (!isEmpty) return null;
  if (isSearch) {
    return (
      <Notice icon={icons.search} title={t("search.nothing")} text={t("search.nothing_text")}>
        <button type="button" class="btn btn-sm" onClick={() => (query.value = "")}>
          {t("search.clear")}
        </button>
      </Notice>
    );
  }
  const status = tab.value;
  const icon =
    status === "waiting" ? icons.circleCheck : status === "closed" ? icons.archive : icons.messages;
  return <Notice icon={icon} title={t(`list.empty.${status}`)} text={t(`list.empty_text.${status}`)} />;
}

function retry(): void {
  if (startup.value === "error") wake();
  else if (state.peek().found) searchAgain();
  else retryList(tab.value);
}

function Skeletons({ count }: { count: number }) {
  return (
    <div role="status" aria-label={t("loading")}>
      {Array.from({ length: count }, (_, i) => (
        <div key={i} class="flex items-center gap-3 px-4 py-3.5">
          <div class="skeleton size-11 shrink-0 rounded-full" />
          <div class="flex-1 space-y-2.5">
            <div class="skeleton h-3.5 w-3/5" />
            <div class="skeleton h-3 w-4/5" />
          </div>
        </div>
      ))}
    </div>
  );
}
