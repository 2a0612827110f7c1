/** Chunks of a film in words and numbers. Pure. */

import type { ChunkProgress, ChunkState } from "../api/types";
import { clock, percent } from "../kit/format";

export const CHUNK_WORDS: Record<ChunkState, string> = {
  done: "done", running: "encoding", waiting: "waiting", failed: "failed",
};

const WHOSE: Record<ChunkState, string> = { done: "by", running: "on", waiting: "last on", failed: "on" };

const CODEC_WORDS: Record<string, string> = { h264: "H.264", hevc: "HEVC", av1: "AV1" };

export function codecName(codec: string): string {
  return CODEC_WORDS[codec] ?? codec;
}

/** Chunks by codec, in the order in which they come: each codec has chunks of the whole film. */
export function byCodec(chunks: readonly ChunkProgress[]): { codec: string; chunks: ChunkProgress[] }[] {
  const groups = new Map<string, ChunkProgress[]>();
  for (const one of chunks) {
    const codec = one.codec ?? "";
    groups.set(codec, [...(groups.get(codec) ?? []), one]);
  }
  return [...groups].map(([codec, own]) => ({ codec, chunks: own }));
}

export function chunkState(chunk: ChunkProgress): ChunkState {
  return chunk.state ?? "waiting";
}

/** Begun more than once: an attempt before this one was lost. */
export function retries(chunk: ChunkProgress): number {
  return Math.max(0, (chunk.attempts ?? 0) - 1);
}

/** A chunk in words, for the read-out and for the ear. */
export function describedChunk(chunk: ChunkProgress): string {
  const state = chunkState(chunk);
  const end = chunk.start + chunk.duration;
  const again = retries(chunk);
  return [
    `Chunk ${chunk.number}`,
    `${clock(chunk.start, end)} to ${clock(end)}`,
    state === "running" ? `${CHUNK_WORDS.running}, ${percent(chunk.fraction ?? 0)} done` : CHUNK_WORDS[state],
    chunk.worker ? `${WHOSE[state]} ${chunk.worker}` : "",
    again ? `attempt ${again + 1}` : "",
  ].filter(Boolean).join(" · ");
}

export interface Tally {
  counts: Record<ChunkState, number>;
  /** Chunks that were begun more than once. */
  retried: number;
}

export function tally(chunks: readonly ChunkProgress[]): Tally {
  const counts = { done: 0, running: 0, waiting: 0, failed: 0 };
  for (const one of chunks) counts[chunkState(one)]++;
  return { counts, retried: chunks.filter((one) => retries(one) > 0).length };
}

export interface Hand {
  name: string;
  /** What it has now. */
  running: ChunkProgress[];
  done: number;
}

/** Who works on the film, by name: what each has, and how many chunks it made. */
export function handsOf(chunks: readonly ChunkProgress[]): Hand[] {
  const hands = new Map<string, Hand>();
  for (const one of chunks) {
    if (!one.worker) continue;
    const hand = hands.get(one.worker) ?? { name: one.worker, running: [], done: 0 };
    if (one.state === "running") hand.running.push(one);
    if (one.state === "done") hand.done++;
    hands.set(one.worker, hand);
  }
  return [...hands.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

export interface Cell {
  chunk: ChunkProgress;
  x: number;
  width: number;
  row: number;
}

export interface Strip {
  cells: Cell[];
  rows: number;
  /** Chunks of a full row. */
  columns: number;
}

/**
 * Lay chunks along the film's timeline, *width* px wide, broken into as few rows as leave the usual
 * chunk at least *least* px. A cell is as wide as its chunk is long.
 */
export function stripOf(chunks: readonly ChunkProgress[], width: number, least: number): Strip {
  const fitting = Math.max(1, Math.floor(width / least));
  const rows = Math.max(1, Math.ceil(chunks.length / fitting));
  const columns = Math.ceil(chunks.length / rows);
  const cells: Cell[] = [];
  let longest = 0;
  const rowSeconds: number[] = [];
  for (let row = 0; row < rows; row++) {
    rowSeconds[row] = chunks.slice(row * columns, (row + 1) * columns).reduce((sum, one) => sum + one.duration, 0);
    longest = Math.max(longest, rowSeconds[row] ?? 0);
  }
  for (const [index, chunk] of chunks.entries()) {
    const row = Math.floor(index / columns);
    const before = cells.at(-1);
    const x = before?.row === row ? before.x + before.width : 0;
    cells.push({ chunk, x, width: longest ? (chunk.duration / longest) * width : width / columns, row });
  }
  return { cells, rows, columns };
}
