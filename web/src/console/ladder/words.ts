/** The ladder in words: what was saved, and why each rung is where it is. Pure. */

import type { LadderReport } from "../../api/types";
import { length, percent, rate } from "../../kit/format";
import { byHeight, type Findings, type Mark, vmafAt } from "./report";

/** Above this hardly anybody sees more quality. */
const TRANSPARENT = 94.5;
/** A rung so near to the hull is as good as on it. */
const NEAR = 0.75;

const points = (vmaf: number) => `${vmaf.toFixed(1)} VMAF`;

function sampled(report: LadderReport): string {
  const { samples = [] } = report.chosen;
  const seconds = samples.reduce((sum, one) => sum + one.seconds, 0);
  if (!seconds) return "";
  return `${length(seconds).replaceAll(" ", "\u00a0")} of the film in ${samples.length} ${samples.length === 1 ? "sample" : "samples"}`;
}

/** What was saved, in one sentence. Without measurements it is the search's own notes. */
export function summary(report: LadderReport, findings: Findings): string {
  const { saving, notes = [] } = report.chosen;
  if (!findings.measured.length) return notes.join(" ") || "Nothing was measured for this title.";
  const from = sampled(report);
  const forecast = from ? `, forecast from ${from}` : "";
  if (saving == null) {
    return `The ladder was chosen for this film${from ? ` from ${from}` : ""}; it shares too little quality with the fixed one to compare their bits.`;
  }
  const change = `${Math.abs(saving).toFixed(0)} % ${saving <= 0 ? "fewer" : "more"} bits`;
  return findings.kept
    ? `The fixed ladder stays: one of the film's own would need ${change} at equal quality${forecast}, too little to be sure of.`
    : `The film's own ladder needs ${change} than the fixed one at equal quality${forecast}.`;
}

/** What the search itself cost, or "" where that is not known. */
export function cost(report: LadderReport): string {
  const { search_cpu_seconds: seconds } = report.chosen;
  if (!seconds) return "";
  const share = report.search_share;
  return `The search took ${length(seconds)} of CPU time${share == null ? "" : `, ${percent(share)} of what the encode with the fixed ladder takes`}.`;
}

function fromHull(findings: Findings, rung: Mark): string {
  const best = vmafAt(findings.hull, rung.rate);
  if (best === null) return "";
  const missing = best - rung.vmaf;
  return missing < NEAR ? "on the hull: nothing measured looks better at this rate" : `${points(missing)} below the hull`;
}

/** Why a rung has the lines it has, as far as it was measured. */
function lines(findings: Findings, rung: Mark, above: Mark): string {
  if (rung.height === above.height) return `${rung.height} lines still pay at this rate`;
  const larger = byHeight(findings.measured).find(([height]) => height === above.height)?.[1] ?? [];
  const other = vmafAt(larger, rung.rate);
  if (other === null) return `${above.height} lines were not measured at so few bits`;
  const ahead = rung.vmaf - other;
  return ahead > 0
    ? `at this rate ${rung.height} lines look better than ${above.height}, by ${points(ahead)}`
    : `at this rate ${rung.height} lines look about as good as ${above.height}`;
}

/** Why the rung at *index* of the chosen ladder, best first, is where it is. */
export function why(findings: Findings, index: number): string {
  const rung = findings.chosen[index];
  if (!rung) return "";
  if (findings.kept) {
    const place = fromHull(findings, rung);
    return `As in the fixed ladder${place ? `, ${place}` : ""}.`;
  }
  const above = findings.chosen[index - 1];
  if (!above) {
    return rung.vmaf >= TRANSPARENT
      ? "The cheapest point whose quality hardly anybody could tell from more bits."
      : "The best quality within the caps of the heights.";
  }
  const step = `${points(above.vmaf - rung.vmaf)} below ${above.name} for ${percent(1 - rung.rate / above.rate)} fewer bits`;
  return `${step}; ${lines(findings, rung, above)}.`;
}

/** A mark in words, for the read-out and for the ear. */
export function described(mark: Mark): string {
  const what = {
    measured: `Measured: ${mark.height}p`,
    fixed: `Fixed ladder: ${mark.name}`,
    chosen: `Chosen rung: ${mark.name}`,
  }[mark.kind];
  return [
    what,
    mark.crf === null ? "" : `CRF ${Number(mark.crf.toFixed(1))}`,
    rate(mark.rate),
    `VMAF ${mark.vmaf.toFixed(1)}`,
    mark.onHull ? "on the hull" : "",
  ].filter(Boolean).join(", ");
}
