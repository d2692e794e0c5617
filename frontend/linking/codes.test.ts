// Codes that link a phone: how long they live, and how they are read aloud.
import { expect, test } from "vitest";
import { living, spelled } from "./codes";

const code = { connection_id: "shop", code: "ABCD1234", expires_at: "2026-11-20T12:01:00.000Z" };
const at = "2026-11-20T12:00:00.000Z";

test("a code lives as long as the server says, whatever our own clock shows", () => {
  expect(living(code, { at, now: 5_000, known: null })).toMatchObject({ life: 60_000, endsAt: 65_000 });
});

test("a code that is over has no time left", () => {
  const late = living(code, { at: "2026-11-20T12:05:00.000Z", now: 0, known: null });
  expect(late.endsAt).toBe(0);
});

test("eight characters are read in two halves", () => {
  expect(spelled("ABCD1234")).toBe("ABCD-1234");
  expect(spelled("123")).toBe("123");
});
