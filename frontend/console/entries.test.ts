// Lines of a ticket's timeline, in words.
import { beforeEach, expect, test } from "vitest";
import type { Entry } from "../api/shapes";
import { setLocale } from "../locales";
import { en } from "../locales/en";
import { pt } from "../locales/pt";
import { entryText } from "./entries";

const ANA = { id: "ana", name: "Ana" };
const text = (entry: Partial<Entry>) =>
  entryText({ what: "taken", by: null, sector: null, to: null, ...entry }, (at) => at.slice(11, 16));

beforeEach(() => setLocale("en", en));

test("a gap says from when to when the number was away", () => {
  const gap = { what: "gap", since: "2026-11-20T12:00:00Z", until: "2026-11-20T12:40:00Z" } as const;
  expect(text(gap)).toBe("This number was not connected from 12:00 to 12:40");
  setLocale("pt-BR", pt);
  expect(text(gap)).toBe("Este número ficou sem conexão de 12:00 a 12:40");
});

test("whoever transfers a ticket to themselves has taken it", () => {
  expect(text({ what: "transferred", by: ANA, to: ANA })).toBe(text({ what: "taken", by: ANA }));
});
