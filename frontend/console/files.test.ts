// What is said of a file before it leaves: what it will be, and whether the server would take it.
import { describe, expect, test } from "vitest";
import { hasTooManyPixels, kindOf, refusalOf, type Picked, type UploadRules } from "./files";

const RULES: UploadRules = {
  max_bytes: 1_000,
  max_pixels: 100,
  images: ["image/png"],
  videos: ["video/mp4"],
  audios: ["audio/ogg"],
};

test.each([
  ["image/png", "image"],
  ["video/mp4", "video"],
  ["audio/ogg", "audio"],
  ["image/gif", "document"],
  ["", "document"],
])("%s becomes %s, as the server will have it", (mime, kind) => {
  expect(kindOf(mime, RULES)).toBe(kind);
});

describe("what the server would refuse", () => {
  test.each([
    [0, "empty"],
    [1, null],
    [1_000, null],
    [1_001, "too_large"],
  ])("%i bytes: %s", (size, refusal) => {
    expect(refusalOf({ size }, RULES)).toBe(refusal);
  });

  test.each([
    [10, 10, false],
    [11, 10, true],
    [null, null, false],
  ])("%o by %o pixels", (width, height, isRefused) => {
    expect(hasTooManyPixels({ width, height } as Picked, RULES)).toBe(isRefused);
  });
});
