import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "../src/api/client";
import { follow } from "../src/viewer/latest";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Item {
  version: number;
  upcoming: boolean;
}

/** Follow version 1; *answers* come one after another, the last again and again. */
function followed(answers: (Item | Error)[], item: Item = { version: 1, upcoming: true }) {
  const begun = Date.now();
  const asked: number[] = [];
  const told: Item[] = [];
  const stop = new AbortController();
  const ask = async () => {
    asked.push(Math.round((Date.now() - begun) / 100) / 10);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return answer as Item;
  };
  const ended = follow(item, { ask, tell: (one) => told.push(one) }, stop.signal);
  return { asked, told, stop, ended };
}

const COMING = { version: 1, upcoming: true };

test("nobody is asked where nothing is to come", async () => {
  const { asked } = followed([COMING], { version: 2, upcoming: false });
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked).toEqual([]);
});

test("it tells of the later version, and stops once that is the last", async () => {
  const { asked, told, ended } = followed([COMING, { version: 2, upcoming: true }, { version: 2, upcoming: false }]);
  await vi.advanceTimersByTimeAsync(600_000);
  await ended;
  expect(told).toEqual([{ version: 2, upcoming: true }, { version: 2, upcoming: false }]);
  expect(asked).toHaveLength(3);
  expect(asked[0]).toBe(10);
});

test("it asks ever less often, and backs off from a server that fails", async () => {
  const slow = followed([COMING]);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(slow.asked.length).toBeLessThan(90);
  const pause = (slow.asked.at(-1) ?? 0) - (slow.asked.at(-2) ?? 0);
  expect(pause).toBeCloseTo(60);
  slow.stop.abort();

  const failing = followed([new ApiError(0, {}), new ApiError(503, {}), COMING]);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(failing.asked.slice(0, 3)).toEqual([10, 31, 75.1]);
  failing.stop.abort();
});

test("it ends with the title, and with the page", async () => {
  const gone = followed([new ApiError(404, {})]);
  const left = followed([COMING]);
  await vi.advanceTimersByTimeAsync(15_000);
  left.stop.abort();
  await vi.advanceTimersByTimeAsync(600_000);
  await Promise.all([gone.ended, left.ended]);
  expect([gone.asked, left.asked]).toEqual([[10], [10]]);
});
