// What to do on the phone so that it scans the code.
import { useState } from "preact/hooks";
import { type Key, t } from "../locales";

const PHONES = ["android", "iphone"] as const;
const STEPS: Record<(typeof PHONES)[number], Key[]> = {
  android: ["qr.android_1", "qr.android_2", "qr.android_3"],
  iphone: ["qr.iphone_1", "qr.iphone_2", "qr.iphone_3"],
};

export function Steps() {
  const [shown, show] = useState<(typeof PHONES)[number]>("android");
  return (
    <div class="steps-side">
      <p class="font-semibold">{t("qr.title")}</p>
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
