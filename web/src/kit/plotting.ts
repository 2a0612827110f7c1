/** The arithmetic of plots: scales, ticks, and labels that keep out of each other's way. Pure. */

export interface Scale {
  (value: number): number;
  readonly domain: readonly [number, number];
}

/** From *domain* to *range*, in equal steps. */
export function linear(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const span = domain[1] - domain[0] || 1;
  return Object.assign((value: number) => range[0] + ((value - domain[0]) / span) * (range[1] - range[0]), { domain });
}

/** From *domain*, above zero, to *range*, in equal ratios. */
export function logarithmic(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const inner = linear([Math.log(domain[0]), Math.log(domain[1])], range);
  return Object.assign((value: number) => inner(Math.log(Math.max(value, Number.MIN_VALUE))), { domain });
}

const DIGITS = [[1, 2, 5], [1, 1.5, 2, 3, 4, 5, 7]] as const;
const ENOUGH = 4;

/** Round numbers from *low* to *high*, both above zero: 1, 2 and 5 of every decade, or finer ones. */
export function decadeTicks(low: number, high: number): number[] {
  const decades: number[] = [];
  for (let one = Math.floor(Math.log10(low)); one <= Math.ceil(Math.log10(high)); one++) decades.push(10 ** one);
  const ticks = (digits: readonly number[]) =>
    decades.flatMap((decade) => digits.map((digit) => digit * decade)).filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  const coarse = ticks(DIGITS[0]);
  return coarse.length < ENOUGH ? ticks(DIGITS[1]) : coarse;
}

/** Spots every *step* px along the line through *corners*. */
export function along(corners: readonly { x: number; y: number }[], step = 8): { x: number; y: number }[] {
  return corners.slice(1).flatMap((to, index) => {
    const from = corners[index] ?? to;
    const count = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / step);
    return Array.from({ length: count }, (_, at) => ({
      x: from.x + ((to.x - from.x) * at) / count, y: from.y + ((to.y - from.y) * at) / count,
    }));
  });
}

/** *low* and *high* with a little air around them, so that no mark stands on an axis. */
export function airy(low: number, high: number, ratio = 1.15): [number, number] {
  return [low / ratio, Math.max(high, low * 1.01) * ratio];
}

export interface Label {
  text: string;
  /** What is labelled. */
  x: number;
  y: number;
  /** Where the text may stand around it, best first. */
  sides: readonly Side[];
}

export type Side = "right" | "left" | "above" | "below" | "above-left" | "below-right";

export interface Placed {
  text: string;
  x: number;
  y: number;
  anchor: "start" | "middle" | "end";
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const GAP = 9;
const LINE = 16;
/** The share of a label that may cover other things. */
const MUCH = 0.35;
const OFFSETS: Record<Side, [number, number, Placed["anchor"]]> = {
  right: [GAP, 4, "start"],
  left: [-GAP, 4, "end"],
  above: [0, -GAP, "middle"],
  below: [0, GAP + 10, "middle"],
  "above-left": [-7, -7, "end"],
  "below-right": [7, 16, "start"],
};

function boxOf(placed: Placed, letter: number): Box {
  const width = placed.text.length * letter;
  const left = placed.x - { start: 0, middle: width / 2, end: width }[placed.anchor];
  return { left, right: left + width, top: placed.y - LINE + 4, bottom: placed.y + 4 };
}

function overlap(a: Box, b: Box): number {
  const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return wide > 0 && high > 0 ? wide * high : 0;
}

/**
 * Put every label at the first of its sides that covers nothing, else at the one that covers least;
 * null where even that covers much, as the read-out and the table have the words too. Those that
 * come first choose first. *marks* are the points that no text should hide.
 */
export function placeLabels(
  labels: readonly Label[],
  marks: readonly { x: number; y: number }[],
  within: { width: number; height: number },
  letter = 7.4,
): (Placed | null)[] {
  const taken: Box[] = marks.map(({ x, y }) => ({ left: x - 4, right: x + 4, top: y - 4, bottom: y + 4 }));
  return labels.map((label) => {
    let best: { placed: Placed; box: Box; cost: number } | null = null;
    for (const side of label.sides) {
      const [dx, dy, anchor] = OFFSETS[side];
      const placed: Placed = { text: label.text, x: label.x + dx, y: label.y + dy, anchor };
      const box = boxOf(placed, letter);
      const outside = Math.max(0, -box.left, box.right - within.width, -box.top, box.bottom - within.height);
      const cost = taken.reduce((sum, other) => sum + overlap(box, other), outside * LINE);
      if (!best || cost < best.cost) best = { placed, box, cost };
      if (cost === 0) break;
    }
    if (!best || best.cost > MUCH * label.text.length * letter * LINE) return null;
    taken.push(best.box);
    return best.placed;
  });
}
