// Which rows the list shows: the chosen tab's, or what the search found.
import { computed } from "@preact/signals";
import { state } from "../desk";
import { foundRows, rowsOf } from "../state/tickets";
import { tab } from "../view";

export const rows = computed(() => {
  const { tickets, lists, found } = state.value;
  return found ? foundRows({ tickets, found }) : rowsOf({ tickets, lists }, tab.value);
});

let before: readonly string[] = [];

/** The same array as long as the order is the same. */
export const rowIds = computed<readonly string[]>(() => {
  const ids = rows.value.map((row) => row.id);
  const isSame = before.length === ids.length && ids.every((id, i) => before[i] === id);
  if (!isSame) before = ids;
  return before;
});

/** What is worth telling apart, where there is more than one of it. */
export const tells = computed(() => {
  const { sectors, connections, me } = state.value;
  return {
    sector: sectors.length > 1,
    connection: connections.length > 1,
    assignee: me?.rights.sees_all_tickets ?? false,
  };
});
