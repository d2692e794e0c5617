// Every language says everything, with the same blanks to fill.
import { beforeEach, describe, expect, test } from "vitest";
import { coded, setLocale, t, tn } from ".";
import { en } from "./en";
import { es } from "./es";
import { pt } from "./pt";

const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe.each([
  ["en", en],
  ["es", es],
] as const)("%s", (_, words) => {
  test("has the same keys as Portuguese", () => {
    expect(Object.keys(words).sort()).toEqual(Object.keys(pt).sort());
  });

  test("has the same blanks to fill, and leaves nothing unsaid", () => {
    const keys = Object.keys(pt) as (keyof typeof pt)[];
    const asked = Object.fromEntries(keys.map((key) => [key, blanks(pt[key])]));
    expect(Object.fromEntries(keys.map((key) => [key, blanks(words[key])]))).toEqual(asked);
    expect(keys.filter((key) => !words[key].trim())).toEqual([]);
  });
});

test("every plural has its singular", () => {
  for (const key of Object.keys(pt).filter((key) => key.endsWith("_other"))) {
    expect(Object.keys(pt)).toContain(key.replace(/_other$/, "_one"));
  }
});

describe("speaking", () => {
  beforeEach(() => setLocale("pt-BR", pt));

  test("blanks are filled; what is not given stays visible", () => {
    expect(t("action.already_taken", { name: "Ana" })).toBe("Já foi assumido por Ana");
    expect(t("action.already_taken")).toBe("Já foi assumido por {name}");
  });

  test("the number decides the form, in each language's way", () => {
    expect([0, 1, 2, 1_500].map((n) => tn("thread.unread", n))).toEqual([
      "0 não lida",
      "1 não lida",
      "2 não lidas",
      "1.500 não lidas",
    ]);
    setLocale("en", en);
    expect([0, 1].map((n) => tn("unread", n))).toEqual(["0 unread messages", "1 unread message"]);
    setLocale("es", es);
    expect(tn("unread", 2_000_000)).toBe("2.000.000 mensajes sin leer");
  });

  test("a code we have words for is told in words, another is not", () => {
    expect(coded("reason", "qr_exhausted")).toContain("não foi lido a tempo");
    expect(coded("reason", "something_new")).toBeNull();
  });
});
