// What stands below the thread: the composer, or what must be done before one may write.
import type { TicketRow } from "../../api/shapes";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { busy, reopen, take, takeOver } from "../actions";
import { clock, isMine, now } from "../desk";
import { Composer } from "./composer";

export function Dock({ ticket }: { ticket: TicketRow }) {
  const isBusy = busy.value === ticket.id;
  if (isMine.value) return <Composer key={ticket.id} ticket={ticket} />;
  if (ticket.status === "waiting") {
    return (
      <Bar text={t("dock.waiting", { since: clock.since(ticket.queued_at ?? ticket.opened_at, now.value) })}>
        <button
          type="button"
          class="btn btn-primary btn-lg dock-main"
          disabled={isBusy}
          onClick={() => void take(ticket.id)}
        >
          {isBusy ? <span class="loading loading-spinner loading-sm" /> : <Icon of={icons.handshake} />}
          {t("action.take")}
        </button>
      </Bar>
    );
  }
  if (ticket.status === "closed") {
    const when = ticket.closed_at ? clock.since(ticket.closed_at, now.value) : "";
    const text = ticket.closed_by
      ? t("dock.closed_by", { name: ticket.closed_by.name, when })
      : t("dock.closed", { when });
    return (
      <Bar text={text}>
        <button type="button" class="btn dock-main" disabled={isBusy} onClick={() => void reopen(ticket.id)}>
          <Icon of={icons.reopen} />
          {t("action.reopen")}
        </button>
      </Bar>
    );
  }
  return (
    <Bar text={t("dock.other", { name: ticket.assignee?.name ?? "" })}>
      <button type="button" class="btn dock-main" disabled={isBusy} onClick={() => void takeOver(ticket)}>
        <Icon of={icons.handshake} />
        {t("action.take_over")}
      </button>
    </Bar>
  );
}

function Bar({ text, children }: { text: string; children: preact.ComponentChildren }) {
  return (
    <div class="dock-bar">
      <p class="dock-text">{text}</p>
      {children}
    </div>
  );
}
