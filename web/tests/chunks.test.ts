import { expect, test } from "vitest";
import type { ChunkProgress } from "../src/api/types";
import { byCodec, describedChunk, handsOf, stripOf, tally } from "../src/console/chunk-words";

const chunk = (number: number, more: Partial<ChunkProgress> = {}): ChunkProgress =>
  ({ number, start: (number - 1) * 8, duration: 8, state: "waiting", fraction: 0, worker: "", attempts: 0, ...more });
const many = (count: number) => Array.from({ length: count }, (_, index) => chunk(index + 1));

test.each<[Partial<ChunkProgress>, string]>([
  [{}, "Chunk 2 · 0:08 to 0:16 · waiting"],
  [{ state: "running", fraction: 0.42, worker: "encoder-a", attempts: 1 }, "Chunk 2 · 0:08 to 0:16 · encoding, 42 % done · on encoder-a"],
  [{ state: "done", worker: "encoder-a", attempts: 3 }, "Chunk 2 · 0:08 to 0:16 · done · by encoder-a · attempt 3"],
  [{ state: "failed", worker: "encoder-a", attempts: 2 }, "Chunk 2 · 0:08 to 0:16 · failed · on encoder-a · attempt 2"],
  [{ worker: "encoder-a", attempts: 1 }, "Chunk 2 · 0:08 to 0:16 · waiting · last on encoder-a"],
])("%j reads %s", (more, text) => expect(describedChunk(chunk(2, more))).toBe(text));

test("a chunk that says little is waiting", () =>
  expect(describedChunk({ number: 1, start: 3_600, duration: 4 })).toBe("Chunk 1 · 1:00:00 to 1:00:04 · waiting"));

test("states and retries are counted", () => {
  const some = [chunk(1, { state: "done", attempts: 2 }), chunk(2, { state: "running", attempts: 1 }), chunk(3)];
  expect(tally(some)).toEqual({ counts: { done: 1, running: 1, waiting: 1, failed: 0 }, retried: 1 });
});

test("workers are told with what they have and what they made", () => {
  const some = [
    chunk(1, { state: "done", worker: "b-10" }), chunk(2, { state: "running", worker: "b-9" }),
    chunk(3, { state: "failed", worker: "b-10" }), chunk(4),
  ];
  expect(handsOf(some)).toEqual([
    { name: "b-9", running: [some[1]], done: 0 },
    { name: "b-10", running: [], done: 1 },
  ]);
});

test("few chunks fill one row, each as wide as it is long", () => {
  const strip = stripOf([chunk(1), chunk(2), chunk(3, { duration: 4 })], 500, 12);
  expect(strip).toMatchObject({ rows: 1, columns: 3 });
  expect(strip.cells.map((one) => [one.x, one.width])).toEqual([[0, 200], [200, 200], [400, 100]]);
});

test.each([[1, 326], [40, 326], [40, 1_100], [300, 274], [300, 1_100], [999, 274]])("%d chunks on %d px", (count, width) => {
  const strip = stripOf(many(count), width, 13);
  expect(strip.cells).toHaveLength(count);
  for (const cell of strip.cells) {
    expect(cell.width).toBeGreaterThanOrEqual(13);
    expect(cell.x + cell.width).toBeLessThanOrEqual(width + 0.001);
    expect(cell.row).toBeLessThan(strip.rows);
  }
  const rows = Array.from({ length: strip.rows }, (_, row) => strip.cells.filter((one) => one.row === row).length);
  expect(Math.min(...rows)).toBeGreaterThan(0);
});

test("no chunks are no cells", () => expect(stripOf([], 300, 13).cells).toEqual([]));

test("each codec has a timeline of its own, in the order of its chunks", () => {
  const some = [chunk(1, { codec: "av1" }), chunk(2, { codec: "av1" }), chunk(3, { codec: "h264" })];
  expect(byCodec(some).map((one) => [one.codec, one.chunks.map((own) => own.number)]))
    .toEqual([["av1", [1, 2]], ["h264", [3]]]);
  expect(byCodec([chunk(1)])).toHaveLength(1);
});
