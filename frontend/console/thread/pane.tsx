// The middle column: header, thread and what stands below it; or what to say when none is open.
import { contactName } from "../../format/contact";
import { t } from "../../locales";
import { Delayed } from "../../ui/delayed";
import { icons } from "../../ui/icon";
import { Notice, Trouble } from "../../ui/notice";
import { Dock } from "../composer/dock";
import { DropZone } from "../composer/drop";
import { left, openId, openThread, openTicket } from "../desk";
import { readAgain } from "../opening";
import { go } from "../route";
import { trouble } from "../view";
import { Activity } from "./activity";
import { Header } from "./header";
import { items } from "./items";
import { Gone } from "./gone";
import { ItemView } from "./item";
import { Log } from "./log";

export function Pane() {
  const id = openId.value;
  return (
    <section class="pane" aria-label={t("thread.pane")}>
      {id ? <Open key={id} id={id} /> : left.value ? <Gone left={left.value} /> : <Nothing />}
    </section>
  );
}

function Open({ id }: { id: string }) {
  const ticket = openTicket.value;
  const thread = openThread.value;
  if (trouble.value === "missing") {
    return (
      <div class="pane-nothing" role="alert">
        <Notice icon={icons.search} title={t("thread.missing")} text={t("thread.missing_text")}>
          <button type="button" class="btn btn-sm" onClick={() => go(null)}>
            {t("thread.back")}
          </button>
        </Notice>
      </div>
    );
  }
  const name = ticket ? contactName(ticket.contact) : "";
  return (
    <DropZone>
      {ticket ? <Header ticket={ticket} /> : <div class="pane-head" />}
      {thread?.phase === "ready" && trouble.value !== "failed" ? (
        <Log ticketId={id} name={name} thread={thread} items={items.value} />
      ) : (
        <div class="thread-frame flex flex-col">
          <div class="grid min-h-0 flex-1 place-items-center">
            {trouble.value === "failed" || !thread ? (
              <Trouble title={t("thread.trouble")} onRetry={readAgain} />
            ) : (
              <Delayed>
                <Skeletons />
              </Delayed>
            )}
          </div>
          <Waiting />
        </div>
      )}
      {ticket && <Activity ticket={ticket} />}
      {ticket && <Dock ticket={ticket} />}
    </DropZone>
  );
}

const notHere = () => false;

/** What was written before the thread could be read: it is on its way, and must be seen to be. */
function Waiting() {
  if (!items.value.length) return null;
  return (
    <div class="max-h-1/2 shrink-0 overflow-y-auto">
      <div class="thread-list">
        {items.value.map((item) => (
          <ItemView key={item.key} item={item} onShow={notHere} />
        ))}
      </div>
    </div>
  );
}

function Nothing() {
  return (
    <div class="pane-nothing">
      <Notice icon={icons.messages} title={t("thread.none")} text={t("thread.none_text")}>
        <span class="hidden items-center gap-1.5 text-sm soft md:flex">
          <kbd class="kbd kbd-sm">J</kbd>
          <kbd class="kbd kbd-sm">K</kbd>
          {t("thread.none_keys")}
        </span>
      </Notice>
    </div>
  );
}

const WIDTHS = [46, 62, 38, 54, 30, 58, 42, 34, 50, 40];

function Skeletons() {
  return (
    <div class="flex size-full flex-col justify-end gap-3 p-6" role="status" aria-label={t("loading")}>
      {WIDTHS.map((width, i) => (
        <div
          key={i}
          class={`skeleton h-11 rounded-2xl ${i % 3 === 1 ? "self-end" : ""}`}
          style={{ width: `${width}%` }}
        />
      ))}
    </div>
  );
}
