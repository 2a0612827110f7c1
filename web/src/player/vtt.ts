/** WebVTT as chapters and thumbnail indexes use it (W3C WebVTT §4, Media Fragments §4.2.2). */

export interface Cue {
  start: number;
  end: number;
  text: string;
}

export interface Tile {
  start: number;
  end: number;
  url: string;
  x: number;
  y: number;
  /** Zero where the whole image is the picture. */
  width: number;
  height: number;
}

const TIMING = /^(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t]|$)/;

function seconds(hours = "0", minutes = "0", rest = "0", thousandths = "0"): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest) + Number(thousandths) / 1000;
}

/** The cues of a file; blocks that are not cues, or are damaged, are passed over. */
export function parseCues(text: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => line.includes("-->"));
    const found = TIMING.exec(lines[at] ?? "");
    if (!found) continue;
    const start = seconds(found[1], found[2], found[3], found[4]);
    const end = seconds(found[5], found[6], found[7], found[8]);
    if (end <= start) continue;
    cues.push({ start, end, text: lines.slice(at + 1).join("\n").trim() });
  }
  return cues.sort((a, b) => a.start - b.start);
}

/** The tiles of a thumbnail index; addresses are resolved against the index's own. */
export function parseTiles(text: string, base: string): Tile[] {
  const tiles: Tile[] = [];
  for (const cue of parseCues(text)) {
    const line = cue.text.split("\n")[0] ?? "";
    if (!line || !URL.canParse(line, base)) continue;
    const address = new URL(line, base);
    const area = /(?:^#|&)xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)/.exec(address.hash);
    address.hash = "";
    const [x = 0, y = 0, width = 0, height = 0] = (area?.slice(1) ?? []).map(Number);
    tiles.push({ start: cue.start, end: cue.end, url: address.href, x, y, width, height });
  }
  return tiles;
}

/** What is on at *time*: the last one that has begun. */
export function at<Timed extends { start: number }>(timed: readonly Timed[], time: number): Timed | null {
  let low = 0;
  let high = timed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timed[middle]?.start ?? Number.POSITIVE_INFINITY) <= time) low = middle + 1;
    else high = middle;
  }
  return timed[low - 1] ?? null;
}
