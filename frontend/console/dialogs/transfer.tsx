// Transfer: first the sector, then one of its people or its whole queue.
import { useState } from "preact/hooks";
import type { Person, Sector, TicketRow } from "../../api/shapes";
import { t } from "../../locales";
import { Avatar } from "../../ui/avatar";
import { Dialog } from "../../ui/dialog";
import { Icon, icons } from "../../ui/icon";
import { busy, transfer } from "../actions";
import { me, state } from "../desk";
import { dialog } from "../view";

export function Transfer({ ticket }: { ticket: TicketRow }) {
  const { sectors, members } = state.value;
  const [sectorId, setSector] = useState(ticket.sector.id);
  const [memberId, setMember] = useState<string | null>(null);
  const sector = sectors.find((each) => each.id === sectorId);
  const people = members.filter(
    (member) => member.is_active && member.sectors.includes(sectorId) && member.id !== ticket.assignee?.id,
  );
  const member = people.find((each) => each.id === memberId) ?? null;
  const isSame = !member && sectorId === ticket.sector.id && ticket.status === "waiting";
  return (
    <Dialog title={t("transfer.title")} onClose={() => (dialog.value = null)}>
      <form
        class="flex min-h-0 flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (sector) void transfer(ticket.id, sector, member);
        }}
      >
        <fieldset class="min-h-0">
          <legend class="sheet-label">{t("transfer.sector")}</legend>
          <div class="choice-grid">
            {sectors.map((each) => (
              <Choice
                key={each.id}
                name="sector"
                isChosen={each.id === sectorId}
                onChoose={() => {
                  setSector(each.id);
                  setMember(null);
                }}
              >
                <SectorWords sector={each} />
              </Choice>
            ))}
          </div>
        </fieldset>
        <fieldset class="min-h-0">
          <legend class="sheet-label">{t("transfer.to")}</legend>
          <div class="choice-list">
            <Choice name="member" isChosen={!member} onChoose={() => setMember(null)}>
              <span class="choice-mark">
                <Icon of={icons.users} />
              </span>
              <span class="min-w-0 flex-1">
                <span class="block">{t("transfer.queue")}</span>
                <span class="block text-xs soft">{t("transfer.queue_text")}</span>
              </span>
            </Choice>
            {people.map((each) => (
              <Choice
                key={each.id}
                name="member"
                isChosen={each.id === memberId}
                onChoose={() => setMember(each.id)}
              >
                <PersonWords person={each} isMe={each.id === me.value?.id} />
              </Choice>
            ))}
          </div>
        </fieldset>
        <div class="flex flex-wrap justify-end gap-2">
          <button type="button" class="btn btn-ghost" onClick={() => (dialog.value = null)}>
            {t("cancel")}
          </button>
          <button type="submit" class="btn btn-primary" disabled={isSame || busy.value !== null}>
            <Icon of={icons.transfer} />
            {t("action.transfer")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface ChoiceProps {
  name: string;
  isChosen: boolean;
  onChoose(): void;
  children: preact.ComponentChildren;
}

function Choice({ name, isChosen, onChoose, children }: ChoiceProps) {
  return (
    <label class="choice">
      <input type="radio" class="sr-only" name={name} checked={isChosen} onChange={onChoose} />
      {children}
      <Icon of={icons.check} class="choice-check" />
    </label>
  );
}

function SectorWords({ sector }: { sector: Sector }) {
  return (
    <>
      <span class="chip-dot size-2.5!" style={{ backgroundColor: sector.color }} />
      <span class="min-w-0 flex-1 truncate">{sector.name}</span>
    </>
  );
}

function PersonWords({ person, isMe }: { person: Person; isMe: boolean }) {
  return (
    <>
      <Avatar id={person.id} name={person.name} size={32} />
      <span class="min-w-0 flex-1 truncate">
        {person.name} {isMe && <span class="soft">({t("you")})</span>}
      </span>
    </>
  );
}
