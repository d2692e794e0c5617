// A line about the ticket itself: taken, transferred, closed …
import type { Entry, Message } from "../../api/shapes";
import { Icon, icons } from "../../ui/icon";
import { clock } from "../desk";
import { entryText } from "../entries";

const MARK: Record<Entry["what"], string> = {
  opened: icons.inbox,
  taken: icons.handshake,
  transferred: icons.transfer,
  returned: icons.back,
  closed: icons.archive,
  reopened: icons.reopen,
  gap: icons.offline,
};

export function EntryLine({ message }: { message: Message }) {
  const { entry } = message;
  return (
    <div class="thread-entry" data-message={message.id} title={clock.full(message.sent_at)}>
      <Icon of={entry ? MARK[entry.what] : icons.info} />
      <span>{entry ? entryText(entry, clock.stamp) : message.text}</span>
      <time dateTime={message.sent_at}>{clock.time(message.sent_at)}</time>
    </div>
  );
}
