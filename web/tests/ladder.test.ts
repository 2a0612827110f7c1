import { expect, test } from "vitest";
import type { LadderReport } from "../src/api/types";
import { byHeight, findingsOf, vmafAt } from "../src/console/ladder/report";
import { cost, described, summary, why } from "../src/console/ladder/words";

const rung = (name: string, height: number, rate: number, vmaf: number, crf: number | null = 23) =>
  ({ name, height, rate, vmaf, crf, max_rate: 2 * rate });
const point = (height: number, crf: number, rate: number, vmaf: number, on_hull = false) =>
  ({ height, crf, rate, vmaf, on_hull });

const REPORT: LadderReport = {
  format: 1,
  search_share: 0.22,
  chosen: {
    rungs: [rung("720p", 720, 900_000, 95.1, 24.5), rung("480p", 480, 520_000, 89.3), rung("480p-300k", 480, 300_000, 83)],
    hull: [
      point(480, 34, 200_000, 70, true), point(480, 22, 560_000, 90, true),
      point(720, 22, 1_000_000, 96, true), point(720, 34, 400_000, 80),
    ],
    fixed: [rung("720p", 720, 950_000, 95.5), rung("480p", 480, 540_000, 89.6)],
    samples: [{ start: 4, seconds: 2, bits: 900_000 }, { start: 31.5, seconds: 2, bits: 2_000_000 }],
    reference: [1280, 720],
    search_cpu_seconds: 18.2,
    encode_cpu_seconds: 82,
    saving: -17.4,
    notes: ["Quality was measured on 2 samples, 4 s in all."],
  },
};
const found = findingsOf(REPORT);

/** The report with some fields of `chosen` changed. */
const with_ = (change: Partial<LadderReport["chosen"]>): LadderReport => ({ ...REPORT, chosen: { ...REPORT.chosen, ...change } });

test("the hull goes up by the rate, heights down, curves up by the rate", () => {
  expect(found.hull.map((one) => one.rate)).toEqual([200_000, 560_000, 1_000_000]);
  expect(byHeight(found.measured).map(([height, line]) => [height, line.map((one) => one.crf)])).toEqual([[720, [34, 22]], [480, [34, 22]]]);
});

test("between two points a curve is straight over the log of the rate, beyond them it is unknown", () => {
  const line = findingsOf(with_({ hull: [point(1, 1, 100, 50, true), point(1, 0, 10_000, 90, true)] })).hull;
  expect(vmafAt(line, 1_000)).toBeCloseTo(70);
  expect(vmafAt(line, 99)).toBeNull();
  expect(vmafAt(line, 10_001)).toBeNull();
  expect(vmafAt([], 1)).toBeNull();
});

test("a sentence says what was saved and from how much of the film", () =>
  expect(summary(REPORT, found)).toBe(
    "The film's own ladder needs 17 % fewer bits than the fixed one at equal quality, forecast from 4\u00a0s of the film in 2 samples."));

test("a fixed ladder that stays is told as such", () => {
  const report = with_({ rungs: REPORT.chosen.fixed ?? [], saving: -3.2 });
  const kept = findingsOf(report);
  expect(kept.kept).toBe(true);
  expect(summary(report, kept)).toContain("The fixed ladder stays: one of the film's own would need 3 % fewer bits");
  expect(why(kept, 0)).toBe("As in the fixed ladder, on the hull: nothing measured looks better at this rate.");
});

test("without measurements the search's own notes are told", () => {
  const notes = ["The film is too short (20 s) for a search that pays: the fixed ladder is used."];
  const report: LadderReport = { chosen: { notes } };
  expect(summary(report, findingsOf(report))).toBe(notes[0]);
  expect(cost(report)).toBe("");
});

test("a ladder that shares no quality with the fixed one has no saving", () =>
  expect(summary(with_({ saving: null }), found)).toContain("too little quality with the fixed one"));

test("more bits are told as more", () => expect(summary(with_({ saving: 4 }), found)).toContain("4 % more bits"));

test("each rung has its reason, by what was measured", () => {
  expect(why(found, 0)).toContain("hardly anybody could tell");
  expect(why(found, 1)).toBe("5.8 VMAF below 720p for 42 % fewer bits; at this rate 480 lines look better than 720, by 4.7 VMAF.");
  expect(why(found, 2)).toBe("6.3 VMAF below 480p for 42 % fewer bits; 480 lines still pay at this rate.");
  expect(why(found, 9)).toBe("");
  const low = findingsOf(with_({ rungs: [rung("720p", 720, 900_000, 90), rung("480p", 480, 210_000, 71)] }));
  expect(why(low, 0)).toContain("The best quality within the caps");
  expect(why(low, 1)).toContain("720 lines were not measured at so few bits");
});

test("what the search took", () =>
  expect(cost(REPORT)).toBe("The search took 18 s of CPU time, 22 % of what the encode with the fixed ladder takes."));

test("a mark is read with kind, setting, rate and quality", () => {
  expect(described(found.chosen[0]!)).toBe("Chosen rung: 720p, CRF 24.5, 900 kb/s, VMAF 95.1");
  expect(described(found.hull[2]!)).toBe("Measured: 720p, CRF 22, 1.0 Mb/s, VMAF 96.0, on the hull");
  expect(described(findingsOf(with_({ fixed: [rung("540p", 540, 1, 2, null)] })).fixed[0]!)).not.toContain("CRF");
});

test("fields that came later, and points that cannot be drawn, do no harm", () => {
  const later = { ...with_({ hull: [point(720, 22, 0, 90), point(720, 22, 5, Number.NaN), ...(REPORT.chosen.hull ?? [])] }), phone: {} };
  expect(findingsOf(later)).toEqual(found);
});
