// One connection: its number, how it is, since when and why, and what can be done.
import { useEffect, useState } from "preact/hooks";
import type { Connection } from "../api/shapes";
import { phone } from "../format/phone";
import { t } from "../locales";
import { Icon, icons } from "../ui/icon";
import { busy, start, stop } from "./actions";
import { boot, cards, clock, now } from "./desk";
import { Banners, Facts } from "./facts";
import { Grip } from "./grip";
import { own } from "./icons";
import { Linking } from "./linking";
import { More } from "./more";
import { isLinking, isOver, startWord, stateText, stateWord, tone } from "./words";

const MOMENT_MS = 8_000;

export function CardView({ connection, canMove }: { connection: Connection; canMove: boolean }) {
  const { id, name, profile_name, sector, state_at } = connection;
  const look = tone(connection);
  const hasMoment = useMoment(cards.value.linked.has(id));
  const isScanning = isLinking(connection);
  return (
    <article
      class={`card-conn tone-${look} ${isScanning && boot.can_manage ? "card-wide" : ""}`}
      aria-label={name}
    >
      <header class="card-head">
        <span class="card-mark">
          <Icon of={icons.smartphone} />
        </span>
        <div class="min-w-0 flex-1">
          <h2 class="line-clamp-2 text-base leading-snug font-semibold wrap-anywhere">{name}</h2>
          <p class="card-number">{connection.phone ? phone(connection.phone) : t("connection.no_number")}</p>
          {profile_name && <p class="card-profile">{profile_name}</p>}
        </div>
        <span class="-mr-2 flex flex-none self-start">
          {canMove && <Grip connection={connection} />}
          {boot.can_manage && <More connection={connection} />}
        </span>
      </header>
      {hasMoment ? (
        <div class="moment" role="status">
          <span class="moment-mark">
            <Icon of={icons.check} />
          </span>
          <p class="font-semibold">{t("connection.moment")}</p>
          <p class="text-sm soft">{t("connection.moment_text", { phone: phone(connection.phone) })}</p>
        </div>
      ) : (
        <div class="card-state" role="status">
          <p class="card-state-line">
            <span class={`state-dot ${look === "busy" ? "state-dot-busy" : ""}`} />
            <span class="font-medium">{stateWord(connection)}</span>
            <time class="card-since" dateTime={state_at} title={clock.full(state_at)}>
              {clock.since(state_at, now.value)}
            </time>
          </p>
          {!isScanning && <p class="card-text">{stateText(connection)}</p>}
        </div>
      )}
      <Banners connection={connection} />
      {isScanning && <Linking connection={connection} />}
      {boot.can_manage && !boot.only && !isScanning && <Facts connection={connection} />}
      <footer class="card-foot">
        {sector && (
          <span class="chip">
            <span class="chip-dot" style={{ backgroundColor: sector.color }} />
            <span class="truncate">{sector.name}</span>
          </span>
        )}
        <span class="flex-1" />
        {boot.can_manage && <MainButton connection={connection} />}
      </footer>
    </article>
  );
}

function MainButton({ connection }: { connection: Connection }) {
  const { id } = connection;
  const isBusy = busy.value === id;
  if (isOver(connection)) {
    return (
      <button type="button" class="btn btn-primary btn-sm" disabled={isBusy} onClick={() => void start(id)}>
        <Icon of={connection.reason === "qr_exhausted" ? own.qr : own.power} />
        {startWord(connection)}
      </button>
    );
  }
  return (
    <button
      type="button"
      class="btn btn-sm"
      disabled={isBusy || !connection.should_run}
      onClick={() => void stop(id)}
    >
      <Icon of={own.pause} />
      {t("connection.stop")}
    </button>
  );
}

/** True for a while after it became true. */
function useMoment(isNew: boolean): boolean {
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    setOn(isNew);
    if (!isNew) return;
    const timer = setTimeout(() => setOn(false), MOMENT_MS);
    return () => clearTimeout(timer);
  }, [isNew]);
  return isOn;
}
