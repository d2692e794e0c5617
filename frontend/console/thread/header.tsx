// Above the thread: whom one talks to, where, and what can be done with the ticket.
import type { TicketRow } from "../../api/shapes";
import { contactName } from "../../format/contact";
import { t } from "../../locales";
import { Avatar } from "../../ui/avatar";
import { Icon, icons } from "../../ui/icon";
import { Menu } from "../../ui/menu";
import { busy, closeTicket, giveBack } from "../actions";
import { me, sectors } from "../desk";
import { SectorChip } from "../list/row";
import { tells } from "../list/rows";
import { go } from "../route";
import { detailsColumn, detailsDrawer, dialog, isWide, toggleDetails } from "../view";
import { LineState } from "./line-state";

export function Header({ ticket }: { ticket: TicketRow }) {
  const { contact, sector, connection } = ticket;
  const isShown = isWide.value ? detailsColumn.value : detailsDrawer.value;
  return (
    <header class="pane-head">
      <button type="button" class="tool md:hidden!" aria-label={t("thread.back")} onClick={() => go(null)}>
        <Icon of={icons.arrowLeft} />
      </button>
      <h2 class="pane-title">
        <button type="button" class="pane-who" title={t("details.toggle")} onClick={toggleDetails}>
          <Avatar id={contact.id} name={contact.name} size={40} />
          <span class="min-w-0">
            <span class="pane-name">{contactName(contact)}</span>
            <span class="pane-facts">
              <SectorChip name={sector.name} color={sector.color} />
              {tells.value.connection && (
                <span class="chip">
                  <Icon of={icons.smartphone} />
                  <span class="truncate">{connection.name}</span>
                </span>
              )}
            </span>
          </span>
        </button>
      </h2>
      <Actions ticket={ticket} />
      <button
        type="button"
        class="tool"
        aria-pressed={isShown}
        aria-label={t("details.toggle")}
        title={t("details.toggle")}
        onClick={toggleDetails}
      >
        <Icon of={icons.panel} />
      </button>
      <LineState connectionId={connection.id} />
    </header>
  );
}

interface Action {
  label: string;
  icon: string;
  run(): void;
  isMain?: boolean;
}

/** What this member may do; the server has the last word. */
function actionsOf(ticket: TicketRow): Action[] {
  const isMine = ticket.status === "in_service" && ticket.assignee?.id === me.value?.id;
  const mayMove = isMine || (me.value?.rights.sees_all_tickets ?? false);
  const actions: Action[] = [];
  if (ticket.status === "closed") return actions;
  if ((mayMove || ticket.status === "waiting") && sectors.value.length) {
    actions.push({
      label: t("action.transfer"),
      icon: icons.transfer,
      run: () => (dialog.value = "transfer"),
    });
  }
  if (mayMove && ticket.status === "in_service") {
    actions.push({ label: t("action.return"), icon: icons.back, run: () => void giveBack(ticket) });
    actions.push({
      label: t("action.close"),
      icon: icons.check,
      run: () => void closeTicket(ticket),
      isMain: true,
    });
  }
  return actions;
}

function Actions({ ticket }: { ticket: TicketRow }) {
  const actions = actionsOf(ticket);
  const isBusy = busy.value === ticket.id;
  if (!actions.length) return null;
  return (
    <>
      <div class="pane-actions">
        {actions.map(({ label, icon, run, isMain }) => (
          <button
            key={label}
            type="button"
            class={`btn btn-sm ${isMain ? "btn-primary btn-soft" : "btn-ghost"}`}
            title={label}
            disabled={isBusy}
            onClick={run}
          >
            <Icon of={icon} />
            <span class="pane-action-word">{label}</span>
          </button>
        ))}
      </div>
      <Menu class="pane-menu" label={t("action.more")} items={actions} />
    </>
  );
}
