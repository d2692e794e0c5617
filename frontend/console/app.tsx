// The console's frame: three columns where there is room, a drawer or one column where there is not.
import { t } from "../locales";
import { Toasts } from "../ui/toast";
import { Banner } from "./banner";
import { left, openId } from "./desk";
import { Details } from "./details/column";
import { Dialogs } from "./dialogs/dialogs";
import { ListColumn } from "./list/column";
import { Announcer } from "./thread/announcer";
import { Pane } from "./thread/pane";
import { detailsColumn, detailsDrawer, isWide, trouble } from "./view";

export function App() {
  const isOpen = openId.value !== null;
  // A notice of who has the ticket now takes the thread's place, on a phone as well.
  const shows = isOpen || left.value ? "thread" : "list";
  const hasDetails = isOpen && trouble.value !== "missing";
  const hasColumn = hasDetails && isWide.value && detailsColumn.value;
  return (
    <div class="console" data-shows={shows} data-details={hasColumn ? "open" : "closed"}>
      <h1 class="sr-only">{t("title.inbox")}</h1>
      <Banner />
      <ListColumn />
      <Pane />
      {hasColumn && <Details />}
      {hasDetails && !isWide.value && detailsDrawer.value && <Details isDrawer />}
      <Dialogs />
      <Announcer />
      <Toasts />
    </div>
  );
}
