// A QR code with its countdown.
import qr from "lucide-static/icons/qr-code.svg?raw";
import { t, tn } from "../locales";
import { Icon } from "../ui/icon";
import type { Code } from "./codes";
import { useLeft } from "./left";
import { Ring } from "./ring";

const SIZE = 272;

export function QrView({ code }: { code: Code | undefined }) {
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
            <Icon of={qr} />
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
