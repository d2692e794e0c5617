// A code of eight characters to type on the phone; and what a passkey means.
import fingerprint from "lucide-static/icons/fingerprint.svg?raw";
import { duration } from "../format/time";
import { t } from "../locales";
import { Icon } from "../ui/icon";
import { type Pairing, spelled } from "./codes";
import { useLeft } from "./left";
import { Ring } from "./ring";

export function PairingView({ code }: { code: Pairing | undefined }) {
  const left = useLeft(code?.endsAt);
  const isOver = code !== undefined && left <= 0;
  return (
    <div class="qr-side">
      <p class={`pairing-code ${isOver ? "qr-over" : ""}`}>
        {code ? spelled(code.code) : <span class="loading loading-dots loading-md" />}
      </p>
      {code && (
        <p class="qr-facts">
          <Ring share={code.life ? left / code.life : 0} />
          {isOver ? t("qr.next") : t("pairing.left", { time: duration(left / 1000) })}
        </p>
      )}
      <ol class="steps-list">
        <li>{t("pairing.1")}</li>
        <li>{t("pairing.2")}</li>
        <li>{t("pairing.3")}</li>
      </ol>
    </div>
  );
}

/** WhatsApp leaves this long for it (the server ends it then): ten minutes from `since`. */
const PASSKEY_MS = 600_000;

export function PasskeyView({ since }: { since: string }) {
  const left = useLeft(Date.parse(since) + PASSKEY_MS);
  return (
    <div class="passkey">
      <Icon of={fingerprint} class="text-3xl" />
      <p class="font-semibold">{t("passkey.title")}</p>
      <p class="text-sm soft">{t("passkey.text")}</p>
      <ul class="list-disc space-y-1 pl-5 text-sm">
        <li>{t("passkey.near")}</li>
        <li>{t("passkey.off")}</li>
        <li>{t("passkey.cloud")}</li>
      </ul>
      <p class="qr-facts">
        <Ring share={left / PASSKEY_MS} />
        {t("pairing.left", { time: duration(left / 1000) })}
      </p>
    </div>
  );
}
