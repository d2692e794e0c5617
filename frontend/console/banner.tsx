// Says that the line is down, but not for a hiccup that is over before one could read it.
import { useEffect, useState } from "preact/hooks";
import { t } from "../locales";
import { Icon, icons } from "../ui/icon";
import { line, wake } from "./desk";

const HICCUP_MS = 1_500;

export function Banner() {
  const state = line.value;
  const isLost = state === "lost" || state === "connecting";
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (!isLost) return setLong(false);
    const timer = setTimeout(() => setLong(true), HICCUP_MS);
    return () => clearTimeout(timer);
  }, [isLost]);
  const isFinal = state === "signed_out" || state === "no_tenant";
  return (
    <div class="banner-place" role="status">
      {isFinal && (
        <div class="banner banner-final">
          <Icon of={icons.alert} />
          <span>{t(`line.${state}`)}</span>
          <a class="banner-link" href="">
            {t(state === "signed_out" ? "line.sign_in" : "line.reload")}
          </a>
        </div>
      )}
      {!isFinal && isLost && isLong && (
        <div class="banner">
          <Icon of={icons.offline} />
          <span>{t("line.lost")}</span>
          <button type="button" class="banner-link" onClick={wake}>
            {t("line.now")}
          </button>
        </div>
      )}
    </div>
  );
}
