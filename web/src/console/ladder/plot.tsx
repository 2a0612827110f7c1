/** VMAF over bit rate: what was measured, the hull, the fixed ladder and the rungs that were chosen. */

import { airy, along, decadeTicks, type Label, linear, logarithmic, placeLabels, type Scale } from "../../kit/plotting";
import { useRoving } from "../../kit/roving";
import { useWidth } from "../../kit/width";
import { byHeight, type Findings, type Mark } from "./report";
import { described } from "./words";

const TOP = 12;
const LEFT = 36;
const RIGHT = 12;
const BOTTOM = 26;
const APART = 42; // px: how near the numbers of an axis may be
const REACH = 28; // px: how near the pointer must be

interface Frame {
  width: number;
  height: number;
  x: Scale;
  y: Scale;
}

function frameOf(marks: readonly Mark[], width: number): Frame {
  const height = Math.round(Math.min(460, Math.max(300, width * 0.56)));
  const rates = marks.map((one) => one.rate);
  const least = Math.min(90, Math.floor(Math.min(...marks.map((one) => one.vmaf)) / 10) * 10);
  return {
    width,
    height,
    x: logarithmic(airy(Math.min(...rates), Math.max(...rates)), [LEFT, width - RIGHT]),
    y: linear([Math.max(0, least), 100], [height - BOTTOM, TOP]),
  };
}

function Axes({ frame }: { frame: Frame }) {
  const { x, y, width, height } = frame;
  const step = y.domain[0] >= 80 ? 5 : y.domain[0] >= 60 ? 10 : 20;
  const grades: number[] = [];
  for (let vmaf = Math.ceil(y.domain[0] / step) * step; vmaf <= 100; vmaf += step) grades.push(vmaf);
  return (
    <g class="axes" aria-hidden="true">
      {decadeTicks(...x.domain).map((tick, index, all) => (
        <g key={tick}>
          <line x1={x(tick)} x2={x(tick)} y1={TOP} y2={height - BOTTOM} />
          {(index % 2 === 0 || x(tick) - x(all[index - 1] ?? tick) > APART) && (
            <text x={x(tick)} y={height - BOTTOM + 18} text-anchor="middle">{(tick / 1_000).toLocaleString("en")}</text>
          )}
        </g>
      ))}
      {grades.map((vmaf) => (
        <g key={vmaf}>
          <line x1={LEFT} x2={width - RIGHT} y1={y(vmaf)} y2={y(vmaf)} />
          <text x={LEFT - 8} y={y(vmaf) + 4} text-anchor="end">{vmaf}</text>
        </g>
      ))}
    </g>
  );
}

function path(marks: readonly Mark[], { x, y }: Frame): string {
  return marks.map((one, index) => `${index ? "L" : "M"}${x(one.rate).toFixed(1)} ${y(one.vmaf).toFixed(1)}`).join("");
}

/** Every kind has a shape of its own: rings and discs, squares, diamonds. */
function Shape({ mark, x, y }: { mark: Pick<Mark, "kind" | "onHull">; x: number; y: number }) {
  if (mark.kind === "chosen") return <path class="shape" d={`M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z`} />;
  if (mark.kind === "fixed") return <rect class="shape" x={x - 4.5} y={y - 4.5} width="9" height="9" />;
  return <circle class={mark.onHull ? "shape on-hull" : "shape"} cx={x} cy={y} r="4" />;
}

/** Names beside what they name: rungs, the heights where their curves begin, the two lines. */
function labelsOf(findings: Findings, { x, y }: Frame): (Label & { class: string })[] {
  const at = (mark: Mark) => ({ x: x(mark.rate), y: y(mark.vmaf) });
  const labels: (Label & { class: string })[] = findings.chosen.map((one) => ({
    ...at(one), text: one.name, class: "of-chosen", sides: ["above-left", "above", "left", "below-right", "right", "below"],
  }));
  const [first] = findings.hull;
  if (first) labels.push({ ...at(first), text: "convex hull", class: "of-hull", sides: ["above-left", "above", "left", "right", "below"] });
  const lowest = findings.fixed.at(-1);
  if (lowest && !findings.kept) {
    labels.push({ ...at(lowest), text: "fixed ladder", class: "of-fixed", sides: ["below-right", "below", "right", "left"] });
  }
  for (const [height, marks] of byHeight(findings.measured)) {
    const [begin] = marks;
    if (begin) labels.push({ ...at(begin), text: `${height} lines`, class: "of-measured", sides: ["below-right", "below", "right", "left", "above"] });
  }
  return labels;
}

function Labels({ findings, marks, frame }: { findings: Findings; marks: readonly Mark[]; frame: Frame }) {
  const labels = labelsOf(findings, frame);
  const spotOf = (one: Mark) => ({ x: frame.x(one.rate), y: frame.y(one.vmaf) });
  const lines = [findings.hull, findings.kept ? [] : findings.fixed].flatMap((line) => along(line.map(spotOf)));
  const spots = [...marks.map(spotOf), ...lines];
  const inside = { width: frame.width, height: frame.height - BOTTOM };
  return (
    <g class="labels" aria-hidden="true">
      {placeLabels(labels, spots, inside).map((one, index) => one && (
        <text key={index} class={labels[index]?.class ?? ""} x={one.x} y={one.y} text-anchor={one.anchor}>{one.text}</text>
      ))}
    </g>
  );
}

function Guides({ mark, frame }: { mark: Mark; frame: Frame }) {
  const [x, y] = [frame.x(mark.rate), frame.y(mark.vmaf)];
  return (
    <g class="guides" aria-hidden="true">
      <path d={`M${LEFT} ${y}H${x}V${frame.height - BOTTOM}`} />
      <circle cx={x} cy={y} r="11" />
    </g>
  );
}

function nearest(marks: readonly Mark[], frame: Frame, x: number, y: number): number | null {
  let best: { index: number; distance: number } | null = null;
  for (const [index, one] of marks.entries()) {
    const distance = Math.hypot(frame.x(one.rate) - x, frame.y(one.vmaf) - y);
    // Of marks upon each other the later is on top.
    if (distance <= REACH && (!best || distance <= best.distance)) best = { index, distance };
  }
  return best?.index ?? null;
}

/** The marks by rising rate, what was chosen last where rates are equal, so that it lies on top. */
function marksOf({ measured, fixed, chosen, kept }: Findings): Mark[] {
  const rank = { measured: 0, fixed: 1, chosen: 2 };
  return [...measured, ...(kept ? [] : fixed), ...chosen].sort((a, b) => a.rate - b.rate || rank[a.kind] - rank[b.kind]);
}

const KEY: [Pick<Mark, "kind" | "onHull">, string][] = [
  [{ kind: "chosen", onHull: false }, "rung of this title"],
  [{ kind: "fixed", onHull: false }, "fixed ladder"],
  [{ kind: "measured", onHull: true }, "measured, on the hull"],
  [{ kind: "measured", onHull: false }, "measured"],
];

function Key({ marks }: { marks: readonly Mark[] }) {
  const present = KEY.filter(([like]) => marks.some((one) => one.kind === like.kind && one.onHull === like.onHull));
  return (
    <ul class="plot-key small" aria-hidden="true">
      {present.map(([like, words]) => (
        <li key={words}>
          <svg width="14" height="14"><g class={`mark-${like.kind}`}><Shape mark={like} x={7} y={7} /></g></svg> {words}
        </li>
      ))}
    </ul>
  );
}

export function LadderPlot({ findings }: { findings: Findings }) {
  const [element, width] = useWidth<HTMLDivElement>();
  const marks = marksOf(findings);
  const { item, current, point } = useRoving(marks.length);
  const frame = width ? frameOf(marks, width) : null;
  const shown = current === null ? null : (marks[current] ?? null);
  const onPoint = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    if (!frame) return;
    const box = event.currentTarget.getBoundingClientRect();
    point(nearest(marks, frame, event.clientX - box.left, event.clientY - box.top));
  };
  return (
    <figure class="ladder-plot">
      <div class="plot-head">
        <p class="plot-y small soft" aria-hidden="true">VMAF, 0 to 100</p>
        <Key marks={marks} />
      </div>
      <div ref={element}>
        {frame && (
          <svg width={frame.width} height={frame.height} role="group"
            aria-label="VMAF over bit rate. Arrow keys go from point to point."
            onPointerMove={onPoint} onPointerDown={onPoint}
            onPointerLeave={(event) => event.pointerType === "mouse" && point(null)}>
            <Axes frame={frame} />
            {byHeight(findings.measured).map(([height, line]) => <path key={height} class="curve" d={path(line, frame)} />)}
            <path class="hull" d={path(findings.hull, frame)} />
            {!findings.kept && <path class="fixed-line" d={path(findings.fixed, frame)} />}
            {shown && <Guides mark={shown} frame={frame} />}
            {marks.map((mark, index) => (
              <g key={`${mark.kind}-${mark.name}-${mark.height}-${mark.crf}`} class={`mark-${mark.kind}`} role="img" aria-label={described(mark)} {...item(index)}>
                <Shape mark={mark} x={frame.x(mark.rate)} y={frame.y(mark.vmaf)} />
              </g>
            ))}
            <Labels findings={findings} marks={marks} frame={frame} />
          </svg>
        )}
      </div>
      <p class="plot-x small soft" aria-hidden="true">Average bit rate in kb/s, logarithmic</p>
      <figcaption class="read-out num" aria-hidden="true">
        {shown ? described(shown) : <span class="soft">Point at a mark, or use the arrow keys, to read it.</span>}
      </figcaption>
    </figure>
  );
}
