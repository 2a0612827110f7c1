/** Why a title's ladder is what it is: a sentence, a plot, the rungs with their reasons, every number. */

import type { ComponentChildren } from "preact";
import type { LadderReport, RungPoint } from "../../api/types";
import { clock, rate } from "../../kit/format";
import { LadderPlot } from "./plot";
import { byHeight, type Findings, findingsOf, type Mark } from "./report";
import { cost, summary, why } from "./words";

const VMAF = "VMAF: quality as viewers judge it, predicted from the pictures; 100 is like the source, 6 less is one just noticeable step";
const CRF = "Constant rate factor: the encoder's quality setting, lower is better";

function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return <div class="scroll" tabIndex={0} role="group" aria-label={label}>{children}</div>;
}

function crfText(crf: number | null | undefined): string {
  return crf == null ? "–" : String(Number(crf.toFixed(1)));
}

function Rungs({ findings, rungs }: { findings: Findings; rungs: RungPoint[] }) {
  return (
    <Scroll label="Rungs of the ladder and why they are there">
      <table class="ladder-rungs">
        <thead>
          <tr>
            <th scope="col">Rung</th>
            <th scope="col" class="right" title={VMAF}>VMAF</th>
            <th scope="col" class="right">Average</th>
            <th scope="col" class="right" title="Most that the encoder may spend for a moment">Cap</th>
            <th scope="col" class="right" title={CRF}>CRF</th>
            <td class="grow" />
          </tr>
        </thead>
        <tbody>
          {rungs.map((one, index) => [
            <tr key={one.name} class="numbers-row">
              <th scope="row" class="mono">{one.name}</th>
              <td class="right">{one.vmaf.toFixed(1)}</td>
              <td class="right">{rate(one.rate)}</td>
              <td class="right">{rate(one.max_rate)}</td>
              <td class="right">{crfText(one.crf)}</td>
              <td />
            </tr>,
            <tr key={`why ${one.name}`}>
              <td class="reason" colSpan={6}><span>{why(findings, index)}</span></td>
            </tr>,
          ])}
        </tbody>
      </table>
    </Scroll>
  );
}

function MarkTable({ name, marks }: { name: string; marks: Mark[] }) {
  return (
    <Scroll label={name}>
      <table>
        <caption>{name}</caption>
        <thead>
          <tr>
            <th scope="col">{marks[0]?.name ? "Rung" : "Lines"}</th>
            <th scope="col" class="right" title={CRF}>CRF</th>
            <th scope="col" class="right">Average, kb/s</th>
            <th scope="col" class="right" title={VMAF}>VMAF</th>
            {marks[0]?.name ? <td class="grow" /> : <th scope="col" class="grow" title="Corner of the line of the best quality for each rate">Hull</th>}
          </tr>
        </thead>
        <tbody>
          {marks.map((one) => (
            <tr key={`${one.name}-${one.height}-${one.crf}`}>
              <th scope="row" class="mono">{one.name || one.height}</th>
              <td class="right">{crfText(one.crf)}</td>
              <td class="right">{(one.rate / 1_000).toFixed(1)}</td>
              <td class="right">{one.vmaf.toFixed(2)}</td>
              <td>{one.onHull ? "on it" : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Samples({ report }: { report: LadderReport }) {
  const { samples = [], reference } = report.chosen;
  if (!samples.length) return null;
  return (
    <Scroll label="Samples">
      <table>
        <caption>Samples{reference ? `, compared at ${reference[0]} × ${reference[1]}` : ""}</caption>
        <thead>
          <tr>
            <th scope="col">From</th><th scope="col" class="right">Seconds</th>
            <th scope="col" class="right" title="Bits of the source there: how hard this stretch is">Source</th><td class="grow" />
          </tr>
        </thead>
        <tbody>
          {samples.map((one) => (
            <tr key={one.start}>
              <th scope="row">{clock(one.start)}</th>
              <td class="right">{one.seconds.toFixed(2)}</td>
              <td class="right">{rate(one.bits / one.seconds)}</td>
              <td />
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

export function LadderSection({ report, titleId }: { report: LadderReport; titleId: string }) {
  const findings = findingsOf(report);
  const measured = byHeight(findings.measured).flatMap(([, marks]) => marks);
  const path = `/api/v1/titles/${encodeURIComponent(titleId)}/ladder`;
  return (
    <section class="panel" aria-labelledby="ladder">
      <div class="panel-head">
        <h2 id="ladder">Why this ladder</h2>
        <span class="panel-links small">
          <a href={path} target="_blank" rel="noreferrer">JSON</a> <a href={`${path}.svg`} target="_blank" rel="noreferrer">Picture</a>
        </span>
      </div>
      <p class="ladder-summary">{summary(report, findings)}</p>
      {measured.length > 0 && (
        <>
          <LadderPlot findings={findings} />
          <Rungs findings={findings} rungs={report.chosen.rungs ?? []} />
          <details class="numbers">
            <summary>Every number: {measured.length} measured points, the fixed ladder, the samples</summary>
            <div class="number-tables">
              <MarkTable name="Measured points" marks={measured} />
              <MarkTable name="Fixed ladder" marks={findings.fixed} />
              <Samples report={report} />
            </div>
            <p class="soft">{cost(report)}</p>
          </details>
        </>
      )}
    </section>
  );
}
