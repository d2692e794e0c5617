// Why a message is not sent yet, in words. Pure but for the language.
import type { Wait } from "../api/shapes";
import { coded, t } from "../locales";

/** A number that is away comes first: nothing else matters until it is back. now: ms since 1970. */
export function waitText(
  waits: Wait | null,
  isNumberDown: boolean,
  now: number,
  stamp: (at: string) => string,
): string {
  if (isNumberDown) return t("waits.down");
  const why = waits && coded("waits", waits.reason);
  if (!waits || !why) return "";
  return Date.parse(waits.until) > now
    ? t("waits.until", { time: stamp(waits.until), why })
    : t("waits.why", { why });
}
