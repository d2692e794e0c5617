// One ticket in the list: who, what was said last, when, and where it stands.
import type { TicketRow } from "../../api/shapes";
import { contactName } from "../../format/contact";
import { firstName } from "../../format/person";
import { t, tn } from "../../locales";
import { Avatar } from "../../ui/avatar";
import { Icon, icons } from "../../ui/icon";
import { memo } from "../../ui/memo";
import { Ticks } from "../../ui/ticks";
import { activity, clock, me, now } from "../desk";
import { drafts } from "../drafts";
import { addressOf, follow } from "../route";
import { chatKey } from "../state/typing";
import { oneLine, preview } from "./preview";

interface Props {
  row: TicketRow;
  isOpen: boolean;
  tells: { sector: boolean; connection: boolean; assignee: boolean };
}

export const Row = memo(({ row, isOpen, tells }: Props) => {
  const name = contactName(row.contact);
  const hasUnread = row.unread > 0;
  return (
    <a
      class={`row ${hasUnread ? "row-unread" : ""}`}
      href={addressOf(row.id)}
      aria-current={isOpen ? "true" : undefined}
      onClick={(event) => follow(event, row.id)}
    >
      <Avatar id={row.contact.id} name={row.contact.name} />
      <span class="row-body">
        <span class="row-line">
          <span class="row-name">{name}</span>
          <Ago at={row.last_message_at ?? row.opened_at} />
        </span>
        <span class="row-line">
          <Line row={row} isOpen={isOpen} />
          {hasUnread && (
            <span class="row-badge">
              <span aria-hidden="true">{row.unread > 99 ? "99+" : row.unread}</span>
              <span class="sr-only">{tn("unread", row.unread)}</span>
            </span>
          )}
        </span>
        <Chips row={row} tells={tells} />
      </span>
    </a>
  );
});

/** Typing, else my draft, else the last message. */
function Line({ row, isOpen }: { row: TicketRow; isOpen: boolean }) {
  const doing = activity.value.get(chatKey(row.connection.id, row.chat));
  if (doing) return <span class="row-preview row-doing">{t(`activity.${doing.activity}`)}</span>;
  const draft = isOpen ? undefined : drafts.value.get(row.id);
  if (draft) {
    return (
      <span class="row-preview">
        <span class="row-draft">{t("list.draft")}</span> {oneLine(draft)}
      </span>
    );
  }
  const last = row.last_message;
  if (!last) return <span class="row-preview">{t("list.no_message")}</span>;
  const { icon, text } = preview(last);
  return (
    <span class="row-preview">
      {last.direction === "out" && last.ack && <Ticks ack={last.ack} />}
      {icon && <Icon of={icon} class="row-kind" />}
      <span class="truncate">{text}</span>
    </span>
  );
}

function Chips({ row, tells }: Pick<Props, "row" | "tells">) {
  const { assignee, sector, connection } = row;
  const holder = tells.assignee && assignee && assignee.id !== me.value?.id ? assignee : null;
  if (!tells.sector && !tells.connection && !tells.assignee) return null;
  return (
    <span class="row-chips">
      {tells.sector && <SectorChip name={sector.name} color={sector.color} />}
      {tells.connection && (
        <span class="chip chip-connection">
          <Icon of={icons.smartphone} />
          <span class="truncate">{connection.name}</span>
        </span>
      )}
      {holder && (
        <span class="chip">
          <Icon of={icons.user} />
          <span class="truncate">{firstName(holder.name)}</span>
        </span>
      )}
    </span>
  );
}

export function SectorChip({ name, color }: { name: string; color: string }) {
  return (
    <span class="chip chip-sector">
      <span class="chip-dot" style={{ backgroundColor: color }} />
      <span class="truncate">{name}</span>
    </span>
  );
}

function Ago({ at }: { at: string }) {
  return (
    <time class="row-time" dateTime={at} title={clock.full(at)}>
      {clock.ago(at, now.value)}
    </time>
  );
}
