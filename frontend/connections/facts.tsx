// What one number is doing, in figures; and what is wrong with it, in a line that cannot be missed.
import type { ComponentChildren } from "preact";
import type { Connection, Figures, Share } from "../api/shapes";
import { fileSize } from "../format/size";
import { duration } from "../format/time";
import { coded, t, tn } from "../locales";
import { Icon, icons } from "../ui/icon";
import { boot, cards, clock, now } from "./desk";

export function Banners({ connection }: { connection: Connection }) {
  const { degraded_by, restricted_until, down_since } = connection;
  const isRestricted = restricted_until !== null && Date.parse(restricted_until) > now.value;
  return (
    <>
      {down_since && (
        <p class="banner-conn banner-bad">
          <Icon of={icons.alert} />
          {t("banner.down", { since: clock.since(down_since, now.value) })}
        </p>
      )}
      {degraded_by && (
        <p class="banner-conn">
          <Icon of={icons.alert} />
          {coded("reason", degraded_by) ?? t("banner.degraded")}
        </p>
      )}
      {isRestricted && (
        <p class="banner-conn">
          <Icon of={icons.alert} />
          {t("banner.restricted", { until: clock.stamp(restricted_until) })}
        </p>
      )}
    </>
  );
}

export function Facts({ connection }: { connection: Connection }) {
  const figures = cards.value.figures.get(connection.id);
  if (!figures) return null;
  const { uptime, last_error } = figures;
  return (
    <dl class="card-facts">
      <Fact word={t("fact.today")}>
        {t("fact.traffic", { sent: figures.sent_today, received: figures.received_today })}
        {figures.failed_today > 0 && (
          <span class="text-error-ink"> · {tn("fact.failed", figures.failed_today)}</span>
        )}
      </Fact>
      <Fact word={t("fact.queue")}>{queueText(figures)}</Fact>
      <Fact word={t("fact.uptime")}>
        {t("fact.uptimes", {
          today: percent(uptime.today),
          week: percent(uptime.days_7),
          month: percent(uptime.days_30),
        })}
      </Fact>
      <Fact word={t("fact.worker")}>
        <span class="wrap-anywhere">{figures.worker || t("fact.nobody")}</span>
        {figures.memory_bytes !== null && ` · ${fileSize(figures.memory_bytes, boot.locale)}`}
      </Fact>
      {last_error && (
        <Fact word={t("fact.error")} isWide>
          {coded("reason", last_error.reason) ?? last_error.reason}{" "}
          <time dateTime={last_error.at} title={clock.full(last_error.at)}>
            {clock.since(last_error.at, now.value)}
          </time>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ word, isWide, children }: { word: string; isWide?: boolean; children: ComponentChildren }) {
  return (
    <div class={isWide ? "col-span-full" : ""}>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function queueText({ queued, empty_in_seconds, waits }: Figures): string {
  if (!queued) return t("fact.queue_empty");
  const parts = [tn("fact.queued", queued)];
  if (empty_in_seconds) parts.push(t("fact.empty_in", { time: duration(empty_in_seconds) }));
  for (const { reason, count } of waits) {
    const why = coded("waits", reason);
    if (why) parts.push(`${count}: ${why}`);
  }
  return parts.join(" · ");
}

/** Cut, not rounded: 99.96 % is not 100 %. */
function percent(share: Share): string {
  if (share === null) return "–";
  const tenths = Math.floor(share * 1000) / 1000;
  return new Intl.NumberFormat(boot.locale, { style: "percent", maximumFractionDigits: 1 }).format(tenths);
}
