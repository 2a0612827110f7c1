import { expect, test } from "vitest";
import { airy, along, decadeTicks, type Label, linear, logarithmic, placeLabels } from "../src/kit/plotting";
import { moved } from "../src/kit/roving";

test("scales take a domain to a range", () => {
  const y = linear([40, 100], [300, 0]);
  expect([y(40), y(70), y(100)]).toEqual([300, 150, 0]);
  const x = logarithmic([100, 10_000], [0, 200]);
  expect(x(1_000)).toBeCloseTo(100);
  expect(Number.isFinite(x(0))).toBe(true);
});

test("a domain of one value is no division by nothing", () => expect(linear([5, 5], [0, 10])(5)).toBe(0));

test.each([
  [100, 5_000, [100, 200, 500, 1_000, 2_000, 5_000]],
  [26, 154, [30, 40, 50, 70, 100, 150]],
])("ticks from %d to %d", (low, high, ticks) => expect(decadeTicks(low, high).map(Math.round)).toEqual(ticks));

test("there is air around what is drawn, also around one value", () => {
  const [low, high] = airy(1_000, 1_000);
  expect(low).toBeLessThan(1_000);
  expect(high).toBeGreaterThan(1_000);
});

test("spots along a line", () => {
  const spots = along([{ x: 0, y: 0 }, { x: 30, y: 40 }], 10);
  expect(spots).toHaveLength(5);
  expect(spots[1]).toEqual({ x: 6, y: 8 });
  expect(along([{ x: 1, y: 1 }])).toEqual([]);
});

const label = (text: string, x: number, y: number, sides: Label["sides"]): Label => ({ text, x, y, sides });
const WITHIN = { width: 300, height: 200 };

test("labels keep off marks, off each other and inside", () => {
  const two = [label("first", 100, 100, ["right", "left"]), label("second", 100, 104, ["right", "left"])];
  expect(placeLabels(two, [], WITHIN).map((one) => one?.anchor)).toEqual(["start", "end"]);
  expect(placeLabels(two.slice(0, 1), [{ x: 120, y: 100 }], WITHIN)[0]?.anchor).toBe("end");
  expect(placeLabels([label("edge", 295, 100, ["right", "left"])], [], WITHIN)[0]?.anchor).toBe("end");
});

test("where every side is taken the least bad one is had, or none", () => {
  const row = (y: number) => Array.from({ length: 40 }, (_, index) => ({ x: index * 8, y }));
  const anyhow = [label("anyhow", 150, 100, ["right", "above"])];
  expect(placeLabels(anyhow, [...row(100), { x: 150, y: 88 }], WITHIN)[0]?.anchor).toBe("middle");
  expect(placeLabels(anyhow, [...row(100), ...row(92), ...row(84)], WITHIN)).toEqual([null]);
});

test.each([
  ["ArrowRight", 0, 1], ["ArrowLeft", 0, null], ["ArrowRight", 9, null], ["End", 3, 9], ["Home", 3, 0], ["a", 3, null],
  ["ArrowUp", 3, 4], ["ArrowDown", 3, 2],
])("%s from %d of 10 leads to %s", (key, at, to) => expect(moved(key, at, 10)).toBe(to));

test("in rows up and down go by a row", () => {
  expect(moved("ArrowDown", 1, 10, 4)).toBe(5);
  expect(moved("ArrowUp", 5, 10, 4)).toBe(1);
  expect(moved("ArrowDown", 8, 10, 4)).toBeNull();
});
