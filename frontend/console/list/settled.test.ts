// When the list may move under the pointer.
import { expect, test } from "vitest";
import { continues, stillThere } from "./settled";

test("rows added at the end move nothing", () => {
  expect(continues(["a", "b"], ["a", "b", "c"])).toBe(true);
  expect(continues(["a", "b"], ["a", "b"])).toBe(true);
});

test("another order, or a row less, does", () => {
  expect(continues(["a", "b"], ["b", "a"])).toBe(false);
  expect(continues(["a", "b"], ["a"])).toBe(false);
});

test("what is gone is not shown, even while the list is held", () => {
  expect(stillThere(["a", "b", "c"], (id) => id !== "b")).toEqual(["a", "c"]);
});
