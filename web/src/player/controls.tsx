/** The control bar: everything on it is a labelled button, a range or a link. */

import type { ComponentChildren } from "preact";
import { clock } from "../kit/format";
import { Icon, type IconName } from "../kit/icons";
import type { Engine } from "./engine";
import type { MenuName } from "./menus";
import { SeekBar } from "./seek-bar";
import { at } from "./vtt";

interface ControlProps {
  icon: IconName;
  label: string;
  hint?: string;
  onClick: () => void;
  pressed?: boolean;
  expanded?: boolean;
  class?: string;
  menu?: boolean;
}

export function Control(props: ControlProps) {
  return (
    <button type="button" class={`control ${props.class ?? ""}`} aria-label={props.label}
      title={props.hint ? `${props.label} (${props.hint})` : props.label}
      aria-pressed={props.pressed} aria-expanded={props.expanded}
      aria-haspopup={props.menu ? "dialog" : undefined} data-menu={props.menu ? "" : undefined}
      onClick={props.onClick}>
      <Icon name={props.icon} />
    </button>
  );
}

function Volume({ engine }: { engine: Engine }) {
  const muted = engine.muted.value || engine.volume.value === 0;
  return (
    <div class="volume">
      <Control icon={muted ? "muted" : "volume"} label={muted ? "Unmute" : "Mute"} hint="m"
        onClick={() => engine.toggleMuted()} />
      <input type="range" class="volume-range" aria-label="Volume" min={0} max={1} step={0.05}
        value={muted ? 0 : engine.volume.value}
        style={{ "--level": muted ? 0 : engine.volume.value }}
        aria-valuetext={`${Math.round((muted ? 0 : engine.volume.value) * 100)} percent`}
        onInput={(event) => engine.setVolume(event.currentTarget.valueAsNumber)} />
    </div>
  );
}

function Time({ engine }: { engine: Engine }) {
  const { start, end } = engine.range.value;
  const chapter = at(engine.chapters.value, engine.time.value);
  return (
    <div class="time num">
      {engine.live.value ? (
        <button type="button" class="live-edge" onClick={() => engine.seek(end)}>
          <span class="status live">Live</span>
        </button>
      ) : (
        <span>
          {clock(engine.time.value - start, end - start)}
          <span class="time-total"> / {clock(end - start)}</span>
        </span>
      )}
      {engine.growing.value && (
        <span class="time-ready" title="The film is still being made. You can watch what is ready; more comes by itself.">
          ready up to {clock(engine.readyTo.value, end - start)}
        </span>
      )}
      {chapter && <span class="time-chapter">{chapter.text}</span>}
    </div>
  );
}

interface BarProps {
  engine: Engine;
  menu: MenuName | null;
  setMenu: (name: MenuName | null) => void;
  fullscreen: boolean;
  toggleFullscreen: () => void;
  togglePip: (() => void) | null;
  children?: ComponentChildren;
}

export function ControlBar({ engine, menu, setMenu, fullscreen, toggleFullscreen, togglePip }: BarProps) {
  const playing = engine.playing.value;
  const opener = (name: MenuName, icon: IconName, label: string, hint?: string) => (
    <Control icon={icon} label={label} menu expanded={menu === name} class={`for-${name}`}
      {...(hint ? { hint } : {})} onClick={() => setMenu(menu === name ? null : name)} />
  );
  return (
    <div class="bar-wrap">
      <SeekBar engine={engine} />
      <div class="bar-row" role="group" aria-label="Player controls">
        <Control icon={engine.ended.value ? "replay" : playing ? "pause" : "play"} hint="k"
          label={engine.ended.value ? "Watch again" : playing ? "Pause" : "Play"}
          onClick={() => engine.toggle()} />
        <Control icon="back" label="Back 10 seconds" hint="j" class="wide-only" onClick={() => engine.skip(-10)} />
        <Control icon="forward" label="On 10 seconds" hint="l" class="wide-only" onClick={() => engine.skip(10)} />
        <Volume engine={engine} />
        <Time engine={engine} />
        <span class="spring" />
        {engine.chapters.value.length > 0 && opener("chapters", "chapters", "Chapters")}
        {engine.text.value.length > 0 && opener("captions", "captions", "Captions", "c")}
        {engine.audio.value.length > 1 && opener("audio", "audio", "Sound")}
        {opener("settings", "settings", "Picture and speed")}
        {togglePip && <Control icon="pip" label="Picture in picture" hint="p" class="wide-only" onClick={togglePip} />}
        <Control icon={fullscreen ? "shrink" : "fullscreen"} hint="f"
          label={fullscreen ? "Leave full screen" : "Full screen"} onClick={toggleFullscreen} />
      </div>
    </div>
  );
}
