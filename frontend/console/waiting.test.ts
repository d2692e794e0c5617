// What is said under a message that is not sent yet.
import { beforeEach, expect, test } from "vitest";
import { setLocale } from "../locales";
import { en } from "../locales/en";
import { waitText } from "./waiting";

const NOW = Date.parse("2026-11-20T12:00:00.000Z");
const waits = (reason: string, until = "2026-11-20T12:30:00.000Z") => ({ reason, until });
const text = (given: Parameters<typeof waitText>[0], isDown = false) =>
  waitText(given, isDown, NOW, (at) => at.slice(11, 16));

beforeEach(() => setLocale("en", en));

test("why and until when", () => {
  expect(text(waits("quiet_hours"))).toBe("Goes out at 12:30: quiet hours");
});

test("a time that has passed is not told", () => {
  expect(text(waits("pace", "2026-11-20T11:59:00.000Z"))).toBe("Waits: this number sends no faster");
});

test("a number that is away comes first", () => {
  expect(text(waits("pace"), true)).toBe("Waits for the number to be connected again");
  expect(text(null, true)).toBe("Waits for the number to be connected again");
});

test("without a reason, or with one that is new to us, the clock says enough", () => {
  expect(text(null)).toBe("");
  expect(text(waits("full_moon"))).toBe("");
});
