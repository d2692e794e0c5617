// A line about the ticket itself: taken, transferred, closed …
import type { Entry, Message } from "../../api/shapes";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { clock } from "../desk";

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
      <span>{entry ? entryText(entry) : message.text}</span>
      <time dateTime={message.sent_at}>{clock.time(message.sent_at)}</time>
    </div>
  );
}

export function entryText({ what, by, sector, to, since, until }: Entry): string {
  const who = by?.name ?? "";
  const where = sector?.name ?? "";
  switch (what) {
    case "opened":
      return where ? t("entry.opened_in", { sector: where }) : t("entry.opened");
    case "taken":
      return t("entry.taken", { name: who });
    case "transferred": {
      if (by && by.id === to?.id) return t("entry.taken", { name: who });
      const key = to ? "entry.transferred_to" : "entry.transferred";
      return t(by ? key : (`${key}_alone` as const), { name: who, sector: where, to: to?.name ?? "" });
    }
    case "returned":
      return by
        ? t("entry.returned", { name: who, sector: where })
        : t("entry.returned_alone", { sector: where });
    case "closed":
      return by ? t("entry.closed", { name: who }) : t("entry.closed_alone");
    case "reopened":
      return by ? t("entry.reopened", { name: who }) : t("entry.reopened_alone");
    case "gap":
      return t("entry.gap", { since: since ? clock.stamp(since) : "", until: until ? clock.stamp(until) : "" });
  }
}
