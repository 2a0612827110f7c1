/** The seek bar: a native range for hands and screen readers, our own drawing beneath it. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { clock, spoken } from "../kit/format";
import type { Engine } from "./engine";
import { type Tile, at } from "./vtt";

const PREVIEW_WIDTH = 176;

function Preview({ tile, time, chapter, fraction }: { tile: Tile | null; time: string; chapter: string; fraction: number }) {
  const scale = tile?.width ? PREVIEW_WIDTH / tile.width : 1;
  const half = PREVIEW_WIDTH / 2;
  return (
    <div class="preview" aria-hidden="true"
      style={{ left: `clamp(${half}px, ${fraction * 100}%, calc(100% - ${half}px))` }}>
      {tile && (
        <div class="preview-frame"
          style={{ width: `${PREVIEW_WIDTH}px`, height: `${tile.height ? tile.height * scale : 99}px` }}>
          <img src={tile.url} alt="" draggable={false}
            style={tile.width
              ? { transform: `scale(${scale}) translate(${-tile.x}px, ${-tile.y}px)`, transformOrigin: "0 0", maxWidth: "none" }
              : { width: "100%" }} />
        </div>
      )}
      <span class="preview-time num">{time}</span>
      {chapter && <span class="preview-chapter">{chapter}</span>}
    </div>
  );
}

export function SeekBar({ engine }: { engine: Engine }) {
  const element = useRef<HTMLDivElement>(null);
  const hover = useSignal<number | null>(null);
  const tile = useSignal<Tile | null>(null);
  const { start, end } = engine.range.value;
  const span = Math.max(end - start, 0.001);
  const time = engine.time.value;
  const fraction = (value: number) => Math.min(1, Math.max(0, (value - start) / span));
  const chapters = engine.chapters.value;
  const growing = engine.growing.value;
  const ready = engine.readyTo.value;

  const point = (clientX: number) => {
    const box = element.current?.getBoundingClientRect();
    if (!box || box.width === 0 || !engine.ready.peek()) return;
    show(start + Math.min(1, Math.max(0, (clientX - box.left) / box.width)) * span);
  };
  const show = (value: number) => {
    hover.value = value;
    void engine.preview(value).then((found) => {
      if (hover.peek() === value) tile.value = found;
    });
  };
  const hide = () => {
    hover.value = null;
    tile.value = null;
  };
  const shown = hover.value;
  const chapter = shown === null ? null : at(chapters, shown);
  return (
    <div class={growing ? "seek growing" : "seek"} ref={element} onPointerMove={(event) => point(event.clientX)} onPointerLeave={hide}>
      <div class="seek-track" aria-hidden="true">
        {growing && <span class="seek-ready" style={{ transform: `scaleX(${fraction(ready)})` }} />}
        {engine.buffered.value.map((one) => (
          <span class="seek-buffered" key={one.start}
            style={{ left: `${fraction(one.start) * 100}%`, right: `${(1 - fraction(one.end)) * 100}%` }} />
        ))}
        {shown !== null && <span class="seek-hover" style={{ transform: `scaleX(${fraction(shown)})` }} />}
        <span class="seek-played" style={{ transform: `scaleX(${fraction(time)})` }} />
        {chapters.filter((one) => one.start > start + 0.5).map((one) => (
          <span class="seek-mark" key={one.start} style={{ left: `${fraction(one.start) * 100}%` }} />
        ))}
      </div>
      <span class="seek-thumb" aria-hidden="true" style={{ left: `${fraction(time) * 100}%` }} />
      <input type="range" aria-label="Position" min={start} max={end || 1} step="any" value={time}
        disabled={!engine.ready.value}
        aria-valuetext={`${spoken(time - start)} of ${spoken(span)}${growing ? `, ready up to ${spoken(ready)}` : ""}`}
        onInput={(event) => {
          const value = event.currentTarget.valueAsNumber;
          show(value);
          engine.seek(value);
        }}
        onBlur={hide} onChange={() => { if (!element.current?.matches(":hover")) hide(); }} />
      {shown !== null && (
        <Preview tile={tile.value} time={clock(shown - start, span)} chapter={chapter?.text ?? ""} fraction={fraction(shown)} />
      )}
    </div>
  );
}
