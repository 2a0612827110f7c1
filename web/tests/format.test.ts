import { expect, test } from "vitest";
import { ago, bytes, clock, language, length, percent, pictureName, rate, speed, spoken } from "../src/kit/format";

test.each([
  [0, "0:00"], [9.99, "0:09"], [65, "1:05"], [3599.9, "59:59"], [3600, "1:00:00"], [36_610, "10:10:10"], [-3, "0:00"],
])("clock(%d) is %s", (seconds, text) => expect(clock(seconds)).toBe(text));

test("a clock beside a longer one has its hours", () => expect(clock(65, 7200)).toBe("0:01:05"));
test("an endless clock has no number", () => expect(clock(Number.POSITIVE_INFINITY)).toBe("–:––"));

test.each([
  [58, "58 s"], [60, "1 min"], [596, "9 min 56 s"], [1500, "25 min"], [3600, "1 h"], [6120, "1 h 42 min"],
])("length(%d) is %s", (seconds, text) => expect(length(seconds)).toBe(text));

test("times are spoken in whole words", () => {
  expect(spoken(3661)).toBe("1 hour 1 minute 1 second");
  expect(spoken(0.4)).toBe("0 seconds");
});

test.each([[640_000, "640 kb/s"], [4_812_345, "4.8 Mb/s"], [950, "950 b/s"], [128_000_000, "128 Mb/s"]])(
  "rate(%d) is %s", (bits, text) => expect(rate(bits)).toBe(text));

test.each([[999, "999 B"], [1_000, "1.0 kB"], [52_428_800, "52 MB"], [999_600, "1.0 MB"], [9_960_000, "10 MB"], [1.5e13, "15 TB"]])(
  "bytes(%d) is %s", (count, text) => expect(bytes(count)).toBe(text));

test.each([
  [1920, 1080, "1080p"], [1080, 1920, "1080p"], [3840, 2160, "4K"], [1280, 534, "720p"], [854, 480, "480p"],
  [416, 234, "234p"], [640, 480, "480p"], [720, 576, "576p"],
])("%d × %d is %s", (width, height, name) => expect(pictureName(width, height)).toBe(name));

test("a picture without size has no name", () => expect(pictureName(null, null)).toBe(""));

test("languages", () => {
  expect(language("sv")).toBe("Swedish");
  expect(language("und")).toBe("Unknown language");
  expect(language("not a tag")).toBe("not a tag");
});

test("ago", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  expect(ago("2026-11-23T11:59:57Z", now)).toBe("just now");
  expect(ago("2026-11-23T11:48:00Z", now)).toBe("12 minutes ago");
  expect(ago("2026-11-22T11:00:00Z", now)).toBe("yesterday");
  expect(ago("nonsense", now)).toBe("nonsense");
});

test("fractions stay between 0 and 100 %", () => {
  expect(percent(1.3)).toBe("100 %");
  expect(percent(-1)).toBe("0 %");
  expect(percent(0.424)).toBe("42 %");
  expect(speed(3.44)).toBe("3.4×");
  expect(speed(12.6)).toBe("13×");
});
