/** What a per-title search found, as the plot and the tables read it. Pure. */

import type { LadderReport, MeasuredPoint, RungPoint } from "../../api/types";

/** The kinds of mark, each with a shape and a colour of its own. */
export type MarkKind = "measured" | "fixed" | "chosen";

export interface Mark {
  kind: MarkKind;
  /** Bits a second. */
  rate: number;
  vmaf: number;
  height: number;
  crf: number | null;
  onHull: boolean;
  /** The rung's name; "" for a measured point. */
  name: string;
}

export interface Findings {
  measured: Mark[];
  /** The best quality for each rate: measured points, by rising rate. */
  hull: Mark[];
  fixed: Mark[];
  chosen: Mark[];
  /** The fixed ladder was as good as any: what is chosen is what it has. */
  kept: boolean;
}

const sane = (point: { rate: number; vmaf: number }) =>
  Number.isFinite(point.rate) && point.rate > 0 && Number.isFinite(point.vmaf);

function measuredMark(point: MeasuredPoint): Mark {
  const { rate, vmaf, height, crf } = point;
  return { kind: "measured", rate, vmaf, height, crf, onHull: point.on_hull ?? false, name: "" };
}

function rungMark(kind: MarkKind, rung: RungPoint): Mark {
  const { rate, vmaf, height, name } = rung;
  return { kind, rate, vmaf, height, crf: rung.crf ?? null, onHull: false, name };
}

export function findingsOf(report: LadderReport): Findings {
  const { hull = [], fixed = [], rungs = [] } = report.chosen;
  const measured = hull.filter(sane).map(measuredMark);
  const chosen = rungs.filter(sane).map((one) => rungMark("chosen", one));
  const before = fixed.filter(sane).map((one) => rungMark("fixed", one));
  return {
    measured,
    hull: measured.filter((one) => one.onHull).sort((a, b) => a.rate - b.rate),
    fixed: before,
    chosen,
    kept: chosen.length === before.length && chosen.every((one, index) => one.rate === before[index]?.rate),
  };
}

/** Measured points of each height, tallest first, by rising rate. */
export function byHeight(measured: readonly Mark[]): [number, Mark[]][] {
  const heights = [...new Set(measured.map((one) => one.height))].sort((a, b) => b - a);
  return heights.map((height) => [
    height,
    measured.filter((one) => one.height === height).sort((a, b) => a.rate - b.rate),
  ]);
}

/** The VMAF of *line*, by rising rate, at *rate*: straight over the log of the rate; null beyond it. */
export function vmafAt(line: readonly Mark[], rate: number): number | null {
  for (let index = 1; index < line.length; index++) {
    const [left, right] = [line[index - 1], line[index]];
    if (!left || !right || rate < left.rate || rate > right.rate) continue;
    const share = Math.log(rate / left.rate) / Math.log(right.rate / left.rate);
    return left.vmaf + share * (right.vmaf - left.vmaf);
  }
  return null;
}
