// One item of a thread: a day, the line where new messages begin, an entry, or a group of bubbles.
import { tn } from "../../locales";
import { memo } from "../../ui/memo";
import { clock, now } from "../desk";
import { EntryLine } from "./entry";
import { GroupView } from "./group";
import type { Item } from "./grouping";

interface Props {
  item: Item;
  onShow(messageId: string): boolean;
}

export const ItemView = memo(({ item, onShow }: Props) => {
  switch (item.kind) {
    case "day":
      return <Day at={item.at} />;
    case "unread":
      return (
        <div class="thread-unread" role="separator">
          <span>{tn("thread.unread", item.count)}</span>
        </div>
      );
    case "entry":
      return <EntryLine message={item.message} />;
    case "group":
      return <GroupView bubbles={item.bubbles} follows={item.follows} onShow={onShow} />;
  }
});

function Day({ at }: { at: string }) {
  return (
    <div class="thread-day">
      <time dateTime={at.slice(0, 10)} title={clock.date(at)}>
        {clock.day(at, now.value)}
      </time>
    </div>
  );
}
