import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Moment, Renewal, isGood } from "../src/player/renewal";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const CALM: Moment = { ready: true, ended: false, seeking: false, sinceSeek: 60, left: 600, away: false };

test.each<[string, Partial<Moment>, boolean]>([
  ["in the middle", {}, true],
  ["before it plays", { ready: false }, false],
  ["at the end", { ended: true, left: 0 }, false],
  ["in the last seconds", { left: 9 }, false],
  ["while it seeks", { seeking: true }, false],
  ["between two seeks", { sinceSeek: 0.4 }, false],
  ["in a picture of its own", { away: true }, false],
])("a stream is exchanged %s: %o", (_, change, good) => expect(isGood({ ...CALM, ...change })).toBe(good));

function renewal(good: () => boolean, move: (wanted: string) => Promise<boolean>) {
  const stop = new AbortController();
  return { stop, renewal: new Renewal<string>({ good, move }, stop.signal) };
}

test("it waits for a good moment, and moves once", async () => {
  let good = false;
  const move = vi.fn(async () => true);
  const { renewal: one } = renewal(() => good, move);
  one.want("v2");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(move).not.toHaveBeenCalled();
  good = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(move.mock.calls).toEqual([["v2"]]);
});

test("a moment that has passed is no failure, a failure is tried again after longer and longer", async () => {
  const times: number[] = [];
  const answers = [false, new Error("offline"), new Error("offline"), new Error("offline"), true];
  const begun = Date.now();
  const { renewal: one } = renewal(() => true, async () => {
    times.push(Date.now() - begun);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? false;
  });
  one.want("v2");
  await vi.advanceTimersByTimeAsync(300_000);
  expect(times).toEqual([0, 500, 2_500, 6_500, 14_500]);
});

test("what is wanted last is brought", async () => {
  const moved: string[] = [];
  const { renewal: one } = renewal(() => true, async (wanted) => {
    moved.push(wanted);
    if (wanted === "v2") one.want("v3");
    return true;
  });
  one.want("v2");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(moved).toEqual(["v2", "v3"]);
});

test("what is taken, and what nobody waits for any more, is not brought", async () => {
  const move = vi.fn(async () => true);
  let good = false;
  const { renewal: one, stop } = renewal(() => good, move);
  one.want("v2");
  expect(one.take()).toBe("v2");
  expect(one.take()).toBeNull();
  await vi.advanceTimersByTimeAsync(1_000);
  one.want("v3");
  stop.abort();
  good = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(move).not.toHaveBeenCalled();
});
