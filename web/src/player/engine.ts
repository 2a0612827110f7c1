/**
 * The player without its face: Shaka Player and the video element, as signals and verbs.
 *
 * One engine plays one title; `destroy` gives everything back.
 */

import { batch, signal } from "@preact/signals";
import shaka from "shaka-player/dist/shaka-player.compiled-es2021.js";
import { configurationFor } from "./configuration";
import { Exchange } from "./exchange";
import { extentOf } from "./extent";
import { type Fault, OFF_AIR, explain, isShakaFault } from "./faults";
import { indexesOf } from "./indexes";
import { prefer, preferences } from "./preferences";
import { Renewal, isGood } from "./renewal";
import { type Address, type Source, addressOf, hasMediaSource, pinned } from "./source";
import { type Range, type Statistics, rangesOf, statisticsOf } from "./statistics";
import { away } from "./surface";
import { type Choice, type Quality, activeOf, audioChoices, mostLike, qualities, textChoices } from "./tracks";
import { type Cue, type Tile, at } from "./vtt";

declare global {
  interface Window {
    /** The Shaka instance on the page, for tests and for the curious. */
    matineePlayer?: shaka.Player | undefined;
  }
}

export class Engine {
  readonly playing = signal(false);
  readonly waiting = signal(true);
  readonly ready = signal(false);
  readonly ended = signal(false);
  readonly time = signal(0);
  readonly range = signal<Range>({ start: 0, end: 0 });
  readonly live = signal(false);
  /** The film is still being made; `readyTo` is how far it can be watched by now. */
  readonly growing = signal(false);
  readonly readyTo = signal(0);
  readonly buffered = signal<Range[]>([]);
  readonly volume = signal(1);
  readonly muted = signal(false);
  readonly rate = signal(1);
  readonly qualities = signal<Quality[]>([]);
  readonly activeQuality = signal<number | null>(null);
  readonly automatic = signal(true);
  readonly audio = signal<Choice<shaka.extern.AudioTrack>[]>([]);
  readonly activeAudio = signal("");
  readonly text = signal<Choice<shaka.extern.TextTrack>[]>([]);
  readonly activeText = signal("");
  readonly chapters = signal<Cue[]>([]);
  readonly fault = signal<Fault | null>(null);
  /** Autoplay was refused: only a press may start the sound. */
  readonly blocked = signal(false);

  private readonly video: HTMLVideoElement;
  private readonly player: shaka.Player;
  private readonly exchange: Exchange;
  private readonly stop = new AbortController();
  private readonly renewal: Renewal<Source>;
  private source: Source;
  private tiles: Tile[] = [];
  /** When the viewer last sought, milliseconds as `performance.now`. */
  private sought = Number.NEGATIVE_INFINITY;

  constructor(video: HTMLVideoElement, canvas: HTMLCanvasElement, captions: HTMLElement, source: Source) {
    shaka.polyfill.installAll();
    this.video = video;
    this.source = source;
    this.renewal = new Renewal({ good: () => this.undisturbed(), move: (next) => this.moveTo(next) }, this.stop.signal);
    this.player = new shaka.Player(null, captions);
    window.matineePlayer = this.player;
    this.player.configure(configurationFor(source.film !== null));
    this.exchange = new Exchange({ player: this.player, video, canvas, waiting: this.waiting });
    this.watchVideo();
    this.watchPlayer();
  }

  private address(): Address | null {
    return addressOf(this.source, hasMediaSource());
  }

  /** Load the stream and start at *start* seconds; faults end in `fault`. */
  async load(start: number | null, play = true): Promise<void> {
    this.source = this.renewal.take() ?? this.source;
    const address = this.address();
    this.exchange.release();
    batch(() => {
      this.fault.value = null;
      this.ended.value = false;
      this.waiting.value = true;
    });
    if (!address) {
      this.fault.value = OFF_AIR;
      return;
    }
    // Without a place Shaka would begin a film that grows at its edge, as if it were live.
    const from = start ?? (this.source.film === null ? null : 0);
    try {
      await this.player.attach(this.video);
      await this.player.load(address.url, from, address.type);
    } catch (error) {
      if (this.stop.signal.aborted) return;
      if (isShakaFault(error) && error.code === 7000) return; // interrupted by a newer load
      this.fault.value = explain(error);
      return;
    }
    if (this.stop.signal.aborted) return;
    this.applyPreferences();
    this.chooseTracks(null, null);
    this.refresh();
    this.ready.value = true;
    void this.loadIndexes();
    if (play) await this.play();
    else this.waiting.value = false;
  }

  async retry(): Promise<void> {
    const place = this.time.value;
    this.fault.value = null;
    await this.load(place > 1 && !this.live.value ? place : null);
  }

  /** Go on with a later version of the title, as soon as that disturbs nobody. */
  renew(source: Source): void {
    if (source.version > this.source.version) this.renewal.want(source);
  }

  async destroy(): Promise<void> {
    this.stop.abort();
    this.exchange.release();
    if (window.matineePlayer === this.player) window.matineePlayer = undefined;
    await this.player.destroy();
  }

  // Transport

  async play(): Promise<void> {
    if (this.fault.value) return;
    if (this.exchange.held) {
      this.exchange.held.playing = this.playing.value = true;
      return;
    }
    if (this.ended.value) this.seek(this.range.value.start);
    try {
      await this.video.play();
      this.blocked.value = false;
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") {
        this.blocked.value = true;
      }
      this.waiting.value = false;
    }
  }

  pause(): void {
    if (this.exchange.held) this.exchange.held.playing = this.playing.value = false;
    else this.video.pause();
  }

  toggle(): void {
    if (this.exchange.held ? this.exchange.held.playing : !this.video.paused) this.pause();
    else void this.play();
  }

  seek(time: number): void {
    const start = this.range.value.start;
    const target = Math.min(Math.max(time, start), Math.max(start, this.readyTo.value - 0.05));
    this.ended.value = false;
    this.sought = performance.now();
    if (this.exchange.held) this.exchange.held.time = target;
    else this.video.currentTime = target;
    this.time.value = target;
  }

  skip(seconds: number): void {
    this.seek((this.exchange.held?.time ?? this.video.currentTime) + seconds);
  }

  /** One picture onwards or back, while paused. */
  step(frames: number): void {
    this.skip(frames / (this.activeRung()?.variant.frameRate || 25));
  }

  setVolume(volume: number): void {
    const kept = Math.min(1, Math.max(0, Math.round(volume * 100) / 100));
    this.video.volume = kept;
    this.video.muted = kept === 0;
    prefer({ volume: kept || preferences.value.volume, muted: kept === 0 });
  }

  toggleMuted(): void {
    const muted = !this.video.muted;
    if (!muted && this.video.volume === 0) this.video.volume = preferences.value.volume || 0.5;
    this.video.muted = muted;
    prefer({ muted });
  }

  setRate(rate: number): void {
    this.video.defaultPlaybackRate = this.video.playbackRate = rate;
    prefer({ rate });
  }

  // Tracks

  chooseQuality(quality: Quality | null): void {
    this.player.configure("abr.enabled", quality === null);
    this.automatic.value = quality === null;
    if (quality) this.player.selectVariantTrack(quality.variant, true, 2);
    this.refreshTracks();
  }

  chooseAudio(choice: Choice<shaka.extern.AudioTrack>): void {
    this.player.selectAudioTrack(choice.track);
    prefer({ audio: choice.track.language });
    this.refreshTracks();
  }

  chooseText(choice: Choice<shaka.extern.TextTrack> | null): void {
    this.player.selectTextTrack(choice?.track ?? null);
    prefer({ captions: choice?.track.language ?? "" });
    this.refreshTracks();
  }

  /** Captions on or off: the language chosen last, or the first. */
  toggleText(lastLanguage: string): string | null {
    const choices = this.text.value;
    const wanted = this.activeText.value
      ? null
      : (choices.find((one) => one.track.language === lastLanguage) ?? choices[0] ?? null);
    if (!choices.length) return null;
    this.chooseText(wanted);
    return wanted?.name ?? "off";
  }

  /** The thumbnail for *time*, from the index or the stream's own image track. */
  async preview(time: number): Promise<Tile | null> {
    if (this.tiles.length) return at(this.tiles, time);
    const track = this.player.getImageTracks()[0];
    const found = track ? await this.player.getThumbnails(track.id, time) : null;
    const url = found?.uris[0];
    if (!found || !url) return null;
    const { startTime, duration, positionX, positionY, width, height } = found;
    return { start: startTime, end: startTime + duration, url, x: positionX, y: positionY, width, height };
  }

  statistics(): Statistics {
    return statisticsOf(this.player, this.video, this.address()?.protocol ?? "", this.live.value);
  }

  // A later version

  private undisturbed(): boolean {
    return this.fault.value === null && this.exchange.held === null && isGood({
      ready: this.ready.value,
      ended: this.ended.value,
      seeking: this.video.seeking,
      sinceSeek: (performance.now() - this.sought) / 1_000,
      left: this.range.value.end - this.video.currentTime,
      away: away(this.video),
    });
  }

  /** Play *source* in place of what is played, from the same place on. */
  private async moveTo(source: Source): Promise<boolean> {
    const address = addressOf(source, hasMediaSource());
    if (!address) return true; // it has gone off the air meanwhile
    const url = pinned(address.url, source.version);
    const [rung, sound, text] = [this.activeRung(), activeOf(this.audio.value), activeOf(this.text.value)];
    const preload = hasMediaSource() ? await this.exchange.preload(url, address.type, sound) : null;
    if (this.stop.signal.aborted || !this.undisturbed()) {
      await preload?.destroy();
      return false;
    }
    this.source = source;
    const held = this.exchange.hold();
    try {
      await this.exchange.load(preload ?? url, address.type, held);
    } catch {
      if (this.exchange.held === held) await this.load(held.time, held.playing);
      return true;
    }
    if (this.exchange.held !== held) return true; // a fault came between
    this.exchange.resume();
    this.chooseTracks(sound, text);
    this.refresh();
    if (!this.automatic.value) this.chooseQuality(this.qualities.value.find((one) => one.name === rung?.name) ?? null);
    void this.loadIndexes();
    if (held.playing) await this.play();
    return true;
  }

  // Inside

  private applyPreferences(): void {
    const { volume, muted, rate } = preferences.peek();
    this.video.volume = volume;
    this.video.muted = muted;
    this.video.defaultPlaybackRate = this.video.playbackRate = rate;
  }

  private activeRung(): Quality | undefined {
    return this.qualities.value.find((one) => one.id === this.activeQuality.value);
  }

  /** Choose the languages that the viewer prefers: of several tracks the one most like that before. */
  private chooseTracks(sound: shaka.extern.AudioTrack | null, text: shaka.extern.TextTrack | null): void {
    const { audio, captions } = preferences.peek();
    const heard = mostLike(this.player.getAudioTracks(), audio || (sound?.language ?? ""), sound);
    if (heard && !heard.active) this.player.selectAudioTrack(heard);
    const offered = this.player.getTextTracks().filter((one) => !one.forced);
    this.player.selectTextTrack(captions ? mostLike(offered, captions, text) : null);
  }

  private watchVideo(): void {
    const on = (names: string, handler: () => void) => {
      for (const name of names.split(" ")) {
        this.video.addEventListener(name, handler, { signal: this.stop.signal });
      }
    };
    on("play playing pause", () => {
      if (!this.exchange.held) this.playing.value = !this.video.paused;
    });
    on("playing", () => batch(() => {
      this.waiting.value = false;
      this.ended.value = false;
    }));
    on("waiting", () => this.wait(true));
    on("canplay seeked", () => this.wait(false));
    on("seeking", () => {
      if (!this.exchange.held) this.sought = performance.now();
    });
    on("ended", () => (this.ended.value = true));
    on("timeupdate seeking durationchange progress", () => this.refreshTime());
    on("ratechange", () => (this.rate.value = this.video.playbackRate));
    on("volumechange", () => batch(() => {
      this.volume.value = this.video.volume;
      this.muted.value = this.video.muted;
    }));
  }

  private watchPlayer(): void {
    const names = ["trackschanged", "adaptation", "variantchanged", "textchanged", "audiotrackschanged"];
    for (const name of names) this.player.addEventListener(name, () => this.refreshTracks());
    // Shaka's text engine learns the time offset of HLS captions only from video that is appended
    // while it exists: without a track at the start, captions switched on later wait for the next
    // append, which never comes once a short film is buffered whole.
    this.player.addEventListener("streaming", () => {
      const tracks = this.player.getTextTracks();
      const wanted = tracks.find((one) => one.language === preferences.peek().captions) ?? tracks[0];
      if (wanted) this.player.configure({ preferredText: [{ language: wanted.language }] });
    });
    this.player.addEventListener("buffering", (event: Event) => {
      if ("buffering" in event) this.wait(event.buffering === true);
    });
    this.player.addEventListener("error", (event: Event) => {
      const detail: unknown = "detail" in event ? event.detail : event;
      if (isShakaFault(detail) && detail.category === 2) return; // captions alone are no reason to stop
      this.exchange.release();
      this.fault.value = explain(detail);
    });
  }

  private wait(waiting: boolean): void {
    if (!waiting || !this.exchange.unnoticeable) this.waiting.value = waiting;
  }

  private refresh(): void {
    this.refreshTracks();
    this.refreshTime();
  }

  private refreshTime(): void {
    if (this.exchange.held) return;
    const extent = extentOf({
      dynamic: this.player.isLive() || this.player.isInProgress(),
      film: this.source.film,
      seekable: this.player.seekRange(),
      duration: this.video.duration,
    });
    batch(() => {
      this.live.value = extent.live;
      this.growing.value = extent.growing;
      this.readyTo.value = extent.ready;
      this.time.value = this.video.currentTime;
      this.range.value = { start: extent.start, end: extent.end };
      this.buffered.value = rangesOf(this.video.buffered);
    });
  }

  private refreshTracks(): void {
    if (this.exchange.held) return;
    const variants = this.player.getVariantTracks();
    const active = variants.find((one) => one.active);
    batch(() => {
      const rungs = qualities(variants);
      this.qualities.value = rungs;
      this.activeQuality.value =
        rungs.find((one) => one.variant.videoId === active?.videoId && active?.videoId !== null)?.id ??
        active?.id ?? null;
      this.audio.value = audioChoices(this.player.getAudioTracks());
      this.activeAudio.value = this.audio.value.find((one) => one.track.active)?.id ?? "";
      this.text.value = textChoices(this.player.getTextTracks());
      this.activeText.value = this.text.value.find((one) => one.track.active)?.id ?? "";
    });
  }

  private async loadIndexes(): Promise<void> {
    const source = this.source;
    const found = await indexesOf(source, this.stop.signal);
    if (!found || source !== this.source) return;
    this.tiles = found.tiles;
    this.chapters.value = found.chapters;
  }
}
