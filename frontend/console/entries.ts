// A line about the ticket itself, in words. Pure but for the language.
import type { Entry } from "../api/shapes";
import { t } from "../locales";

export function entryText(entry: Entry, stamp: (at: string) => string): string {
  const { what, by, sector, to, since, until } = entry;
  const who = by?.name ?? "";
  const where = sector?.name ?? "";
  switch (what) {
    case "opened":
      return where ? t("entry.opened_in", { sector: where }) : t("entry.opened");
    case "taken":
      return t("entry.taken", { name: who });
    case "transferred": {
      if (by && by.id === to?.id) return t("entry.taken", { name: who });
      const key = to ? "entry.transferred_to" : "entry.transferred";
      return t(by ? key : (`${key}_alone` as const), { name: who, sector: where, to: to?.name ?? "" });
    }
    case "returned":
      return by
        ? t("entry.returned", { name: who, sector: where })
        : t("entry.returned_alone", { sector: where });
    case "closed":
      return by ? t("entry.closed", { name: who }) : t("entry.closed_alone");
    case "reopened":
      return by ? t("entry.reopened", { name: who }) : t("entry.reopened_alone");
    case "gap":
      return t("entry.gap", { since: since ? stamp(since) : "", until: until ? stamp(until) : "" });
  }
}
