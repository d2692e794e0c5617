// Linking a phone: the code with its countdown, and what to do on the phone.
import { useEffect, useState } from "preact/hooks";
import type { Connection } from "../api/shapes";
import { type Key, t, tn } from "../locales";
import type { Code } from "./cards";
import { boot, cards } from "./desk";
import { Icon } from "../ui/icon";
import { own } from "./icons";

export function Linking({ connection }: { connection: Connection }) {
  const code = cards.value.codes.get(connection.id);
  if (!boot.can_manage) return <p class="card-text">{t("qr.managers_only")}</p>;
  return (
    <div class="linking">
      <CodeView code={code} />
      <Steps />
    </div>
  );
}

const SIZE = 272;

function CodeView({ code }: { code: Code | undefined }) {
  const left = useLeft(code?.endsAt);
  const isOver = code !== undefined && left <= 0;
  const seconds = Math.ceil(left / 1000);
  return (
    <div class="qr-side">
      <div class={`qr-paper ${isOver ? "qr-over" : ""}`}>
        {code ? (
          <img
            src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(code.svg)}`}
            alt={t("qr.alt")}
            width={SIZE}
            height={SIZE}
          />
        ) : (
          <span class="qr-wait">
            <Icon of={own.qr} />
            <span class="loading loading-dots loading-md" />
          </span>
        )}
        {isOver && (
          <span class="qr-veil">
            <span class="loading loading-spinner loading-md" />
            {t("qr.next")}
          </span>
        )}
      </div>
      {code && (
        <p class="qr-facts">
          <Ring share={code.life ? left / code.life : 0} />
          {!isOver && <span aria-hidden="true">{tn("qr.left", seconds)}</span>}
          <span class="soft">{t("qr.attempt", { attempt: code.attempt, attempts: code.attempts })}</span>
        </p>
      )}
    </div>
  );
}

const RADIUS = 8;
const ROUND = 2 * Math.PI * RADIUS;

function Ring({ share }: { share: number }) {
  return (
    <svg class="qr-ring" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <circle class="qr-ring-track" cx="10" cy="10" r={RADIUS} />
      <circle
        class="qr-ring-left"
        cx="10"
        cy="10"
        r={RADIUS}
        stroke-dasharray={ROUND}
        stroke-dashoffset={ROUND * (1 - Math.min(1, Math.max(0, share)))}
      />
    </svg>
  );
}

/** Milliseconds until then, counted down several times a second. */
function useLeft(endsAt: number | undefined): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (endsAt === undefined) return;
    const count = () => setLeft(Math.max(0, endsAt - Date.now()));
    count();
    const timer = setInterval(count, 250);
    return () => clearInterval(timer);
  }, [endsAt]);
  return left;
}

const PHONES = ["android", "iphone"] as const;
const STEPS: Record<(typeof PHONES)[number], Key[]> = {
  android: ["qr.android_1", "qr.android_2", "qr.android_3"],
  iphone: ["qr.iphone_1", "qr.iphone_2", "qr.iphone_3"],
};

function Steps() {
  const [shown, show] = useState<(typeof PHONES)[number]>("android");
  return (
    <div class="steps-side">
      <h3 class="font-semibold">{t("qr.title")}</h3>
      <div class="segments" role="group" aria-label={t("qr.phone")}>
        {PHONES.map((each) => (
          <button key={each} type="button" aria-pressed={shown === each} onClick={() => show(each)}>
            {t(`qr.${each}`)}
          </button>
        ))}
      </div>
      <ol class="steps-list">
        {STEPS[shown].map((step) => (
          <li key={step}>{t(step)}</li>
        ))}
      </ol>
      <p class="steps-note">{t("qr.note")}</p>
    </div>
  );
}
