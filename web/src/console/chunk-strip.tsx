/** The film's timeline as chunks that are encoded on their own, each with its state and its worker. */

import type { ChunkProgress, ChunkState } from "../api/types";
import { clock, percent } from "../kit/format";
import { useRoving } from "../kit/roving";
import { useWidth } from "../kit/width";
import {
  byCodec, type Cell, CHUNK_WORDS, chunkState, codecName, describedChunk, handsOf, retries, stripOf, tally,
} from "./chunk-words";

const TIME = 52; // px before each row for the time at which it begins
const ROW = 34;
const HEIGHT = 24;
const LEAST = 13;
const STATES: ChunkState[] = ["done", "running", "waiting", "failed"];

/** Full, filling, empty with a dash, crossed out: no state is told by its colour alone. */
function Shape({ state, fraction, again, x, y, width }: {
  state: ChunkState; fraction: number; again: boolean; x: number; y: number; width: number;
}) {
  const filled = state === "done" ? 1 : state === "running" ? fraction : 0;
  const along = width > HEIGHT; // a wide cell fills as the film runs, a narrow one from below
  const middle = x + width / 2;
  const arm = Math.min(4, width / 3);
  return (
    <>
      <rect class="cell" x={x + 0.5} y={y + 0.5} width={Math.max(1, width - 1)} height={HEIGHT - 1} rx="2" />
      {filled > 0 && (
        <rect class="cell-done" rx="2" x={x} y={along ? y : y + HEIGHT * (1 - filled)}
          width={along ? width * filled : width} height={along ? HEIGHT : HEIGHT * filled} />
      )}
      {state === "waiting" && <path class="cell-sign" d={`M${middle - arm} ${y + HEIGHT / 2}h${2 * arm}`} />}
      {state === "failed" && (
        <path class="cell-sign" d={`M${middle - arm} ${y + HEIGHT / 2 - arm}l${2 * arm} ${2 * arm}m0 ${-2 * arm}l${-2 * arm} ${2 * arm}`} />
      )}
      {again && <path class="cell-again" d={`M${middle - 4.5} ${y - 6}h9l-4.5 5z`} />}
    </>
  );
}

function Sample({ state, again = false }: { state: ChunkState; again?: boolean }) {
  return (
    <svg class={`chunk-sample chunk-${state}`} width="16" height="31" viewBox="0 -7 16 31" aria-hidden="true">
      <Shape state={state} fraction={0.5} again={again} x={1} y={0} width={14} />
    </svg>
  );
}

function Legend({ chunks }: { chunks: ChunkProgress[] }) {
  const { counts, retried } = tally(chunks);
  return (
    <ul class="chunk-legend num">
      {STATES.filter((state) => counts[state] > 0).map((state) => (
        <li key={state}><Sample state={state} /> <b>{counts[state]}</b> {CHUNK_WORDS[state]}</li>
      ))}
      {retried > 0 && <li><Sample state="waiting" again /> <b>{retried}</b> begun again</li>}
    </ul>
  );
}

function Hands({ chunks }: { chunks: ChunkProgress[] }) {
  const hands = handsOf(chunks);
  if (!hands.length) return null;
  return (
    <ul class="hands num" aria-label="Workers">
      {hands.map((hand) => (
        <li key={hand.name}>
          <b class="mono">{hand.name}</b>
          <span>
            {hand.running.length
              ? hand.running.map((one) => `chunk ${one.number}, ${percent(one.fraction ?? 0)}`).join("; ")
              : "nothing now"}
          </span>
          <span class="soft">{hand.done} done</span>
        </li>
      ))}
    </ul>
  );
}

function ChunkTable({ chunks }: { chunks: ChunkProgress[] }) {
  return (
    <details class="numbers">
      <summary>Every chunk as a table</summary>
      <div class="scroll chunk-table" tabIndex={0} role="group" aria-label="Chunks">
        <table>
          <thead>
            <tr>
              <th scope="col">Chunk</th><th scope="col">Codec</th><th scope="col" class="right">From</th><th scope="col" class="right">Seconds</th>
              <th scope="col">State</th><th scope="col" class="right">Done</th><th scope="col" class="right">Attempts</th>
              <th scope="col" class="grow">Worker</th>
            </tr>
          </thead>
          <tbody>
            {chunks.map((one) => (
              <tr key={one.number}>
                <th scope="row">{one.number}</th>
                <td>{one.codec ? codecName(one.codec) : "–"}</td>
                <td class="right">{clock(one.start)}</td>
                <td class="right">{one.duration.toFixed(2)}</td>
                <td>{CHUNK_WORDS[chunkState(one)]}</td>
                <td class="right">{percent(one.state === "done" ? 1 : (one.fraction ?? 0))}</td>
                <td class="right">{one.attempts ?? 0}</td>
                <td class="mono">{one.worker || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The chunks of one codec along the film's timeline; *label* names it where there are several. */
function Timeline({ chunks, label }: { chunks: ChunkProgress[]; label: string }) {
  const [element, width] = useWidth<HTMLDivElement>();
  const strip = stripOf(chunks, Math.max(LEAST, width - TIME), LEAST);
  const { item, current, point } = useRoving(chunks.length, strip.columns);
  const last = chunks.at(-1);
  const end = last ? last.start + last.duration : 0;
  const place = ({ x, row }: Cell) => ({ x: TIME + x, y: 8 + row * ROW });
  const shown = current === null ? null : (strip.cells[current] ?? null);
  return (
    <>
      {label && <h4 class="chunks-codec">{label}</h4>}
      <div ref={element}>
        {width > 0 && (
          <svg width={width} height={strip.rows * ROW + 2} role="group"
            aria-label={`The film in ${chunks.length} chunks${label && ` of ${label}`}. Arrow keys go from one to the next.`}
            onPointerLeave={(event) => event.pointerType === "mouse" && point(null)}>
            {strip.cells.filter((_, index) => index % strip.columns === 0).map((one) => (
              <text key={one.row} x={TIME - 8} y={place(one).y + 17} text-anchor="end" aria-hidden="true">{clock(one.chunk.start, end)}</text>
            ))}
            {strip.cells.map((cell, index) => {
              const state = chunkState(cell.chunk);
              const { x, y } = place(cell);
              return (
                <g key={cell.chunk.number} class={`chunk-${state}`} role="img" aria-label={describedChunk(cell.chunk)}
                  onPointerEnter={() => point(index)} onPointerDown={() => point(index)} {...item(index)}>
                  <rect class="cell-reach" x={x} y={y - 8} width={cell.width} height={ROW} />
                  <Shape state={state} fraction={cell.chunk.fraction ?? 0} again={retries(cell.chunk) > 0} x={x + 1} y={y} width={Math.max(2, cell.width - 2)} />
                </g>
              );
            })}
            {shown && <rect class="cell-ring" x={place(shown).x - 0.5} y={place(shown).y - 2} width={Math.max(4, shown.width + 1)} height={HEIGHT + 4} rx="4" />}
          </svg>
        )}
      </div>
      <div class="read-out num" aria-hidden="true">
        {shown ? describedChunk(shown.chunk) : <span class="soft">Point at a chunk, or use the arrow keys, to read it.</span>}
      </div>
    </>
  );
}

export function ChunkStrip({ chunks }: { chunks: ChunkProgress[] }) {
  const groups = byCodec(chunks);
  return (
    <figure class="chunks">
      <div class="chunks-head">
        <strong title="Stretches of the film that are encoded on their own, by as many workers as there are">Chunks</strong>
        <Legend chunks={chunks} />
      </div>
      {groups.map((group) => (
        <Timeline key={group.codec} chunks={group.chunks} label={groups.length > 1 ? codecName(group.codec) : ""} />
      ))}
      <Hands chunks={chunks} />
      <ChunkTable chunks={chunks} />
    </figure>
  );
}
