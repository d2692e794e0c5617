// The console's frame: three columns where there is room, a drawer or one column where there is not.
import { Toasts } from "../ui/toast";
import { Banner } from "./banner";
import { openId, state } from "./desk";
import { Details } from "./details/column";
import { Dialogs } from "./dialogs/dialogs";
import { ListColumn } from "./list/column";
import { Announcer } from "./thread/announcer";
import { Pane } from "./thread/pane";
import { detailsColumn, detailsDrawer, isWide } from "./view";

export function App() {
  const isOpen = openId.value !== null;
  // A notice of who has the ticket now takes the thread's place, on a phone as well.
  const shows = isOpen || state.value.left ? "thread" : "list";
  return (
    <div
      class="console"
      data-shows={shows}
      data-details={isOpen && isWide.value && detailsColumn.value ? "open" : "closed"}
    >
      <Banner />
      <ListColumn />
      <Pane />
      {isOpen && isWide.value && detailsColumn.value && <Details />}
      {isOpen && !isWide.value && detailsDrawer.value && <Details isDrawer />}
      <Dialogs />
      <Announcer />
      <Toasts />
    </div>
  );
}
