// Times, numbers, sizes and names as people read them.
import { describe, expect, test } from "vitest";
import { firstName, hue, initials } from "./person";
import { phone } from "./phone";
import { fileSize } from "./size";
import { createClock, duration } from "./time";

const clock = createClock("pt-BR", "America/Sao_Paulo");
// Friday, 20 November 2026, 09:30 in São Paulo.
const NOW = Date.parse("2026-11-20T12:30:00.000Z");
const minutes = (n: number) => NOW - n * 60_000;
const hours = (n: number) => minutes(n * 60);

describe("the clock", () => {
  test("shows the tenant's time, wherever the browser is", () => {
    expect(clock.time(NOW)).toBe("09:30");
    expect(createClock("pt-BR", "Asia/Tokyo").time(NOW)).toBe("21:30");
  });

  test("days begin at the tenant's midnight", () => {
    expect(clock.dayKey("2026-11-20T02:59:59.999Z")).toBe("2026-11-19");
    expect(clock.dayKey("2026-11-20T03:00:00.000Z")).toBe("2026-11-20");
    // Nepal is 5 h 45 min ahead: its midnight is on a quarter of an hour.
    expect(createClock("pt-BR", "Asia/Kathmandu").dayKey("2026-11-20T18:15:00.000Z")).toBe("2026-11-21");
  });

  test.each([
    [hours(0), "hoje"],
    [hours(10), "ontem"],
    [hours(50), "quarta-feira"],
    [hours(24 * 20), "31 de outubro"],
    [hours(24 * 400), "16 de outubro de 2025"],
  ])("the day of %i reads %s", (at, expected) => {
    expect(clock.day(at, NOW)).toBe(expected);
  });

  test.each([
    [minutes(0), "agora"],
    [minutes(5), "5 min"],
    [hours(3), "3 h"],
    [hours(5.9), "5 h"],
    [hours(20), "ontem"],
    [hours(24 * 3), "ter."],
    [hours(24 * 30), "21/10"],
  ])("a row of %i says %s", (at, expected) => {
    expect(clock.ago(at, NOW)).toBe(expected);
  });

  test("a clock that runs ahead of us does not tell of the future", () => {
    expect(clock.ago(NOW + 90_000, NOW)).toBe("agora");
    expect(clock.since(NOW + 90_000, NOW)).toBe("agora");
  });

  test.each([
    ["pt-BR", "há 12 minutos"],
    ["en", "12 minutes ago"],
    ["es", "hace 12 minutos"],
  ])("%s: %s", (locale, expected) => {
    expect(createClock(locale, "UTC").since(minutes(12), NOW)).toBe(expected);
  });
});

test("durations", () => {
  expect([0, 7.6, 83, 3723].map(duration)).toEqual(["0:00", "0:08", "1:23", "1:02:03"]);
});

test.each([
  ["+5511987654321", "+55 (11) 98765-4321"],
  ["+551130035566", "+55 (11) 3003-5566"],
  ["+12125550123", "+1 (212) 555-0123"],
  ["+351912345678", "+351 912 345 678"],
  ["+4915112345678", "+4915112345678"],
  [null, ""],
])("the number %s reads %s", (number, expected) => {
  expect(phone(number)).toBe(expected);
});

test("file sizes", () => {
  const read = (bytes: number) => fileSize(bytes, "pt-BR").replace(/\s/g, " ");
  expect([read(1536), read(242 * 1024), read(5 * 1024 * 1024)]).toEqual(["1,5 kB", "242 kB", "5 MB"]);
});

test("people", () => {
  expect(["Maria de Souza", "joão", "", "Seu Zé 🎉", "+55 11"].map(initials)).toEqual([
    "MS",
    "J",
    "",
    "SZ",
    "",
  ]);
  expect(hue("a")).toBe(hue("a"));
  expect(hue("contact-1")).not.toBe(hue("contact-2"));
  expect(firstName("Ana Beatriz Lima")).toBe("Ana");
});
