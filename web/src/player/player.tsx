/** The player: a picture, and controls that appear on intent. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { clock } from "../kit/format";
import { Icon } from "../kit/icons";
import { ControlBar, Control } from "./controls";
import { Engine } from "./engine";
import { nextSpeed, verbOf, type Verb } from "./keys";
import { Menu, type MenuName } from "./menus";
import { EndPanel, FaultPanel, KeyHelp, type NextTitle, ResumeNote } from "./overlays";
import { preferences } from "./preferences";
import { resumeAt, savePlace } from "./resume";
import type { Source } from "./source";
import { Stats } from "./stats";
import { useIdle, useFullscreen } from "./surface";

export interface PlayerProps {
  titleId: string;
  name: string;
  duration: number;
  source: Source;
  poster: string | null;
  /** Only sound: the poster stays. */
  soundOnly: boolean;
  next: NextTitle | null;
  /** Told when the film has come to its end, and when it is played again. */
  onEnded: (ended: boolean) => void;
}

/** One engine for the life of the page; it loads, resumes, saves the place, and follows the title's versions. */
function useEngine({ titleId, duration, source }: PlayerProps) {
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const captions = useRef<HTMLDivElement>(null);
  const [engine, setEngine] = useState<Engine | null>(null);
  const [resumed, setResumed] = useState<number | null>(null);
  useEffect(() => {
    if (!video.current || !still.current || !captions.current) return;
    const made = new Engine(video.current, still.current, captions.current, source);
    const start = resumeAt(titleId, duration);
    const save = () => {
      if (made.ready.peek() && !made.live.peek()) {
        savePlace(titleId, made.ended.peek() ? made.range.peek().end : made.time.peek(), made.range.peek().end);
      }
    };
    setEngine(made);
    setResumed(start);
    void made.load(start);
    const timer = setInterval(save, 4_000);
    window.addEventListener("pagehide", save);
    return () => {
      save();
      clearInterval(timer);
      window.removeEventListener("pagehide", save);
      void made.destroy();
    };
  }, []);
  useEffect(() => engine?.renew(source), [engine, source.version]);
  return { video, still, captions, engine, resumed, dismiss: () => setResumed(null) };
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input:not([type=range]), textarea, select, dialog") !== null;
}

interface Deeds {
  fullscreen: () => void;
  pip: () => void;
  help: () => void;
  stats: () => void;
  say: (text: string) => void;
}

function perform(verb: Verb, engine: Engine, deeds: Deeds): void {
  const { start, end } = engine.range.value;
  switch (verb.do) {
    case "toggle":
      engine.toggle();
      return deeds.say(engine.playing.value ? "Pause" : "Play");
    case "skip":
      engine.skip(verb.seconds);
      return deeds.say(`${verb.seconds > 0 ? "+" : "−"}${Math.abs(verb.seconds)} s`);
    case "part":
      return engine.seek(start + (end - start) * verb.fraction);
    case "start":
      return engine.seek(start);
    case "end":
      return engine.seek(end);
    case "volume":
      engine.setVolume((engine.muted.value ? 0 : engine.volume.value) + verb.change);
      return deeds.say(`Volume ${Math.round(engine.volume.value * 100)} %`);
    case "mute":
      engine.toggleMuted();
      return deeds.say(engine.muted.value ? "Sound on" : "Muted");
    case "speed": {
      const rate = nextSpeed(engine.rate.value, verb.change);
      engine.setRate(rate);
      return deeds.say(`${rate}×`);
    }
    case "frame":
      engine.pause();
      return engine.step(verb.change);
    case "captions": {
      const chosen = engine.toggleText(lastCaptions.language || preferences.value.captions);
      if (chosen && chosen !== "off") lastCaptions.language = preferences.value.captions;
      return deeds.say(chosen === null ? "No captions" : `Captions: ${chosen}`);
    }
    case "fullscreen":
      return deeds.fullscreen();
    case "pip":
      return deeds.pip();
    case "help":
      return deeds.help();
    case "stats":
      return deeds.stats();
  }
}

const lastCaptions = { language: "" };

/** What was just done, shown for a moment in the middle of the picture and read aloud. */
function useFlash(): [string, (text: string) => void] {
  const [text, setText] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const say = useCallback((words: string) => {
    clearTimeout(timer.current);
    setText(words);
    timer.current = setTimeout(() => setText(""), 900);
  }, []);
  return [text, say];
}

/** Touch: one tap shows the controls, two on a side seek. Mouse: click plays, double click fills. */
function useTaps(engine: Engine | null, deeds: Deeds, wake: () => void, visible: boolean, sleep: () => void) {
  const last = useRef({ at: 0, side: 0 });
  return (event: PointerEvent) => {
    if (!engine || event.button !== 0) return;
    if (event.pointerType === "mouse") {
      engine.toggle();
      return;
    }
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    const side = part < 0.4 ? -1 : part > 0.6 ? 1 : 0;
    const double = event.timeStamp - last.current.at < 320 && side !== 0 && side === last.current.side;
    last.current = { at: event.timeStamp, side };
    if (double) perform({ do: "skip", seconds: side * 10 }, engine, deeds);
    else if (visible) sleep();
    else wake();
  };
}

export function Player(props: PlayerProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { video, still, captions, engine, resumed, dismiss } = useEngine(props);
  const [menu, setMenu] = useState<MenuName | null>(null);
  const [help, setHelp] = useState(false);
  const [stats, setStats] = useState(false);
  const [flash, say] = useFlash();
  const { fullscreen, toggleFullscreen } = useFullscreen(frame, video);
  const playing = engine?.playing.value ?? false;
  const busy = menu !== null || !playing || (engine?.ended.value ?? false) || engine?.fault.value != null;
  const { visible, wake, sleep } = useIdle(frame, busy);
  const pipOffered = "pictureInPictureEnabled" in document && document.pictureInPictureEnabled && !props.soundOnly;
  const togglePip = () => {
    if (!pipOffered) return;
    const leaving = document.pictureInPictureElement ? document.exitPictureInPicture() : video.current?.requestPictureInPicture();
    leaving?.catch(() => say("Not possible now"));
  };
  const deeds: Deeds = {
    fullscreen: toggleFullscreen,
    pip: togglePip,
    help: () => setHelp((open) => !open),
    stats: () => setStats((open) => !open),
    say,
  };
  const current = useRef(deeds);
  current.current = deeds;
  const closeMenu = useCallback(() => {
    setMenu((open) => {
      if (open) frame.current?.querySelector<HTMLElement>(`.for-${open}`)?.focus();
      return null;
    });
  }, []);
  useEffect(() => {
    if (!engine) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape" && menu) {
        event.preventDefault();
        closeMenu();
        return;
      }
      const verb = verbOf(event.key);
      const pressable = event.target instanceof Element && event.target.closest("button, a") !== null;
      if (!verb || typing(event.target) || (event.key === " " && pressable)) return;
      if (event.target instanceof Element && event.target.closest(".volume-range") && event.key.startsWith("Arrow")) return;
      event.preventDefault();
      wake();
      perform(verb, engine, current.current);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [engine, menu, wake, closeMenu]);
  const onTap = useTaps(engine, deeds, wake, visible, sleep);
  const { captionSize, captionColour } = preferences.value;
  const home = `/titles/${encodeURIComponent(props.titleId)}`;
  const fault = engine?.fault.value ?? null;
  const ended = (engine?.ended.value ?? false) && !fault;
  useEffect(() => props.onEnded(ended), [ended]);
  return (
    <div class={`player ${visible ? "" : "idle"}`} ref={frame} data-captions={captionColour}
      style={{ "--caption-scale": captionSize }}>
      <video ref={video} playsInline poster={props.poster ?? undefined} tabIndex={-1}
        class={props.soundOnly ? "sound-only" : ""} aria-label={props.name} />
      <canvas class="still" ref={still} hidden aria-hidden="true" />
      <div class={engine?.ready.value ? "captions" : "captions starting"} ref={captions} />
      <div class="surface" onPointerUp={onTap} onDblClick={(event) => {
        if (event.detail === 2 && window.matchMedia("(pointer: fine)").matches) toggleFullscreen();
      }} />
      {engine?.waiting.value && !fault && !engine.blocked.value && <div class="spinner" role="status" aria-label="Buffering" />}
      {engine?.blocked.value && (
        <button type="button" class="big-play" aria-label={`Play ${props.name}`} onClick={() => void engine.play()}>
          <Icon name="play" />
        </button>
      )}
      <div class="flash" role="status" aria-live="polite">{flash && <span>{flash}</span>}</div>
      <div class="top">
        <a class="control" href={home} aria-label={`About ${props.name}`} title="Back"><Icon name="left" /></a>
        <h1>{props.name}</h1>
        <Control icon="keyboard" label="Keyboard" hint="?" class="wide-only" onClick={() => setHelp(true)} />
      </div>
      {engine && (
        <>
          {ended && <EndPanel next={props.next} home={home} again={() => void engine.play()} />}
          {resumed !== null && engine.ready.value && !ended && (
            <ResumeNote at={clock(resumed)} close={dismiss} restart={() => {
              engine.seek(0);
              dismiss();
            }} />
          )}
          {menu && <Menu name={menu} engine={engine} close={closeMenu} />}
          {stats && <Stats engine={engine} session={props.titleId} close={() => setStats(false)} />}
          <ControlBar engine={engine} menu={menu} setMenu={setMenu} fullscreen={fullscreen}
            toggleFullscreen={toggleFullscreen} togglePip={pipOffered ? togglePip : null} />
          {fault && <FaultPanel fault={fault} home={home} retry={() => void engine.retry()} />}
        </>
      )}
      {help && <KeyHelp close={() => setHelp(false)} />}
    </div>
  );
}
