// Dates and times in the tenant's time zone, in the reader's language.

export interface Clock {
  /** 14:02 */
  time(at: string | number): string;
  /** "2026-11-22": equal for two instants of the same local day. */
  dayKey(at: string | number): string;
  /** "hoje", "ontem", "quarta-feira" within a week, else "12 de março (de 2025)". */
  day(at: string | number, now: number): string;
  /** Full date and time, for tooltips. */
  full(at: string | number): string;
  /** Short date and time, for facts. */
  stamp(at: string | number): string;
  /** Date alone, short. */
  date(at: string | number): string;
  /** For list rows: "agora", "5 min", "3 h", "ontem", "qua.", "12/03". */
  ago(at: string | number, now: number): string;
  /** "há 5 minutos", "há 2 dias". */
  since(at: string | number, now: number): string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUARTER = 15 * MINUTE;
const DAY = 24 * HOUR;

export function createClock(locale: string, timeZone: string): Clock {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone, ...options });
  const time = format({ timeStyle: "short" });
  const iso = new Intl.DateTimeFormat("en-CA", { timeZone });
  const weekday = format({ weekday: "long" });
  const shortWeekday = format({ weekday: "short" });
  const thisYear = format({ day: "numeric", month: "long" });
  const otherYear = format({ day: "numeric", month: "long", year: "numeric" });
  const full = format({ dateStyle: "full", timeStyle: "short" });
  const stamp = format({ dateStyle: "short", timeStyle: "short" });
  const date = format({ dateStyle: "medium" });
  const dayMonth = format({ day: "2-digit", month: "2-digit" });
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const spans = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
  const unit = (unit: string, value: number) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(value);

  // Formatting a date costs microseconds and threads are long; every zone's midnight falls on a
  // quarter of an hour, so one answer serves a whole quarter.
  const days = new Map<number, string>();
  function dayKey(at: string | number): string {
    const quarter = Math.floor(ms(at) / QUARTER);
    let key = days.get(quarter);
    if (key === undefined) {
      key = iso.format(quarter * QUARTER);
      days.set(quarter, key);
    }
    return key;
  }

  const daysBetween = (earlier: string | number, later: number) =>
    Math.round((Date.parse(dayKey(later)) - Date.parse(dayKey(earlier))) / DAY);

  return {
    time: (at) => time.format(ms(at)),
    dayKey,
    full: (at) => full.format(ms(at)),
    stamp: (at) => stamp.format(ms(at)),
    date: (at) => date.format(ms(at)),
    day(at, now) {
      const days = daysBetween(at, now);
      if (days >= 0 && days < 2) return words.format(-days, "day");
      if (days >= 0 && days < 7) return weekday.format(ms(at));
      const isThisYear = dayKey(at).slice(0, 4) === dayKey(now).slice(0, 4);
      return (isThisYear ? thisYear : otherYear).format(ms(at));
    },
    ago(at, now) {
      const passed = Math.max(0, now - ms(at));
      if (passed < MINUTE) return words.format(0, "second");
      if (passed < HOUR) return unit("minute", Math.floor(passed / MINUTE));
      const days = daysBetween(at, now);
      if (days < 1 || passed < 6 * HOUR) return unit("hour", Math.floor(passed / HOUR));
      if (days < 2) return words.format(-1, "day");
      if (days < 7) return shortWeekday.format(ms(at));
      return dayMonth.format(ms(at));
    },
    since(at, now) {
      const passed = Math.max(0, now - ms(at));
      if (passed < MINUTE) return words.format(0, "second");
      if (passed < HOUR) return spans.format(-Math.floor(passed / MINUTE), "minute");
      if (passed < DAY) return spans.format(-Math.floor(passed / HOUR), "hour");
      return spans.format(-Math.floor(passed / DAY), "day");
    },
  };
}

function ms(at: string | number): number {
  return typeof at === "number" ? at : Date.parse(at);
}

/** 83 → "1:23" */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, i) => (i ? String(part).padStart(2, "0") : String(part))).join(":");
}
