// The reader's language: loads one catalogue, then answers t("key") and tn("key", count).
import type { Catalogue, Key } from "./catalogue";

export type { Key } from "./catalogue";
export type Locale = "pt-BR" | "en" | "es";
export type Params = Record<string, string | number>;
/** Keys that come as `…_one` and `…_other`. */
export type PluralKey = {
  [K in Key]: K extends `${infer Base}_other` ? Base : never;
}[Key];

const CATALOGUES: Record<Locale, () => Promise<Catalogue>> = {
  "pt-BR": async () => (await import("./pt")).pt,
  en: async () => (await import("./en")).en,
  es: async () => (await import("./es")).es,
};

let catalogue: Partial<Catalogue> = {};
let plurals = new Intl.PluralRules("pt-BR");
let numbers = new Intl.NumberFormat("pt-BR");

export async function loadLocale(locale: string): Promise<void> {
  const known = locale in CATALOGUES ? (locale as Locale) : "pt-BR";
  setLocale(known, await CATALOGUES[known]());
}

export function setLocale(locale: Locale, words: Catalogue): void {
  catalogue = words;
  plurals = new Intl.PluralRules(locale);
  numbers = new Intl.NumberFormat(locale);
}

export function t(key: Key, params: Params = {}): string {
  return fill(catalogue[key] ?? key, params);
}

/** The form of the message that fits `count`; "{count}" in it is the number, written as people do. */
export function tn(key: PluralKey, count: number, params: Params = {}): string {
  // pt and es also know "many", for millions; our sentences read the same as "other" there.
  const form = plurals.select(count) === "one" ? "one" : "other";
  return t(`${key}_${form}` as Key, { count: numbers.format(count), ...params });
}

/** Words for a code that comes from the server, if we have any. */
export function coded(prefix: string, code: string): string | null {
  return (catalogue as Record<string, string>)[`${prefix}.${code}`] ?? null;
}

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));
}
