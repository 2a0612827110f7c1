import { expect, test } from "vitest";
import { extentOf } from "../src/player/extent";

const seekable = { start: 0, end: 40 };

test("a film is as long as the video says, or as far as one may seek", () => {
  expect(extentOf({ dynamic: false, film: 61, seekable, duration: 60.5 }))
    .toEqual({ live: false, growing: false, start: 0, end: 60.5, ready: 60.5 });
  expect(extentOf({ dynamic: false, film: null, seekable, duration: NaN }).end).toBe(40);
  expect(extentOf({ dynamic: false, film: 60, seekable: { start: 0, end: Infinity }, duration: Infinity }).end).toBe(0);
});

test("a film that has grown to its end keeps its length before the video knows it", () => {
  expect(extentOf({ dynamic: false, film: 40, seekable, duration: Infinity }))
    .toEqual({ live: false, growing: false, start: 0, end: 40, ready: 40 });
});

test("a film that grows has its whole length, and is not live", () => {
  expect(extentOf({ dynamic: true, film: 600, seekable, duration: Infinity }))
    .toEqual({ live: false, growing: true, start: 0, end: 600, ready: 40 });
});

test("a film that is longer than was thought", () => {
  const longer = { start: 0, end: 610 };
  expect(extentOf({ dynamic: true, film: 600, seekable: longer, duration: Infinity }).end).toBe(610);
});

test("what has no length is live", () => {
  const window = { start: 300, end: 400 };
  expect(extentOf({ dynamic: true, film: null, seekable: window, duration: Infinity }))
    .toEqual({ live: true, growing: false, start: 300, end: 400, ready: 400 });
});
