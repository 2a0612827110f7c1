/**
 * The player without its face: Shaka Player and the video element, as signals and verbs.
 *
 * One engine plays one title; `destroy` gives everything back.
 */

import { batch, signal } from "@preact/signals";
import shaka from "shaka-player/dist/shaka-player.compiled-es2021.js";
import { extentOf } from "./extent";
import { type Fault, explain, isShakaFault } from "./faults";
import { prefer, preferences } from "./preferences";
import { type Choice, type Quality, audioChoices, qualities, textChoices } from "./tracks";
import { type Cue, type Tile, at, parseCues, parseTiles } from "./vtt";

export interface Source {
  dash: string | null;
  hls: string | null;
  thumbnails: string | null;
  chapters: string | null;
  /** Play HLS through Shaka even where DASH would do. */
  preferHls: boolean;
  /** How long the film is, seconds, as the catalogue says; null for a live channel. */
  film: number | null;
}

export interface Statistics {
  rung: string;
  protocol: string;
  bandwidth: number;
  estimate: number;
  buffer: number;
  latency: number | null;
  dropped: number;
  decoded: number;
  stalls: number;
  codecs: string;
  loadTime: number;
}

interface Range {
  start: number;
  end: number;
}

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
  private readonly source: Source;
  private readonly player: shaka.Player;
  private readonly stop = new AbortController();
  private tiles: Tile[] = [];

  constructor(video: HTMLVideoElement, captions: HTMLElement, source: Source) {
    shaka.polyfill.installAll();
    this.video = video;
    this.source = source;
    this.player = new shaka.Player(null, captions);
    window.matineePlayer = this.player;
    this.player.configure({
      // Without droppedFrames: it would take rungs out of the menu while a slow machine hiccups.
      abr: { droppedFrames: false, defaultBandwidthEstimate: 3_000_000 },
      streaming: {
        bufferingGoal: 30,
        rebufferingGoal: 1,
        bufferBehind: 60,
        preferNativeHls: false,
        retryParameters: { maxAttempts: 4, baseDelay: 500, backoffFactor: 2, timeout: 30_000 },
      },
      manifest: {
        retryParameters: { maxAttempts: 3, baseDelay: 500, timeout: 20_000 },
        // A film that grows has no edge to keep away from.
        ...(source.film === null ? {} : { defaultPresentationDelay: 1 }),
      },
    });
    this.watchVideo();
    this.watchPlayer();
  }

  /** Which protocol and address this browser gets. */
  private address(): { url: string; protocol: string } | null {
    const { dash, hls, preferHls } = this.source;
    const mse = "MediaSource" in window || "ManagedMediaSource" in window;
    const wantsHls = preferHls || !mse || !dash;
    if (wantsHls && hls) return { url: hls, protocol: "HLS" };
    return dash ? { url: dash, protocol: "DASH" } : null;
  }

  /** Load the stream and start at *start* seconds; faults end in `fault`. */
  async load(start: number | null): Promise<void> {
    const address = this.address();
    batch(() => {
      this.fault.value = null;
      this.ended.value = false;
      this.waiting.value = true;
    });
    if (!address) {
      this.fault.value = {
        title: "The film is not on the air",
        detail: "No version of it is live. Publish it in the console, then open this page again.",
        code: "",
      };
      return;
    }
    try {
      await this.player.attach(this.video);
      const type = address.protocol === "HLS" ? "application/x-mpegurl" : "application/dash+xml";
      // Without a place Shaka would begin a film that grows at its edge, as if it were live.
      await this.player.load(address.url, start ?? (this.source.film === null ? null : 0), type);
    } catch (error) {
      if (this.stop.signal.aborted) return;
      if (isShakaFault(error) && error.code === 7000) return; // interrupted by a newer load
      this.fault.value = explain(error);
      return;
    }
    if (this.stop.signal.aborted) return;
    this.applyPreferences();
    this.refreshTracks();
    this.refreshTime();
    this.ready.value = true;
    void this.loadIndexes();
    await this.play();
  }

  async retry(): Promise<void> {
    const place = this.time.value;
    this.fault.value = null;
    await this.load(place > 1 && !this.live.value ? place : null);
  }

  async destroy(): Promise<void> {
    this.stop.abort();
    if (window.matineePlayer === this.player) window.matineePlayer = undefined;
    await this.player.destroy();
  }

  // Transport

  async play(): Promise<void> {
    if (this.fault.value) return;
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
    this.video.pause();
  }

  toggle(): void {
    if (this.video.paused) void this.play();
    else this.pause();
  }

  seek(time: number): void {
    const start = this.range.value.start;
    const target = Math.min(Math.max(time, start), Math.max(start, this.readyTo.value - 0.05));
    this.ended.value = false;
    this.video.currentTime = target;
    this.time.value = target;
  }

  skip(seconds: number): void {
    this.seek(this.video.currentTime + seconds);
  }

  /** One picture onwards or back, while paused. */
  step(frames: number): void {
    const active = this.qualities.value.find((one) => one.id === this.activeQuality.value);
    this.skip(frames / (active?.variant.frameRate || 25));
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
    this.video.playbackRate = rate;
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
    const stats = this.player.getStats();
    const rung = this.video.videoWidth ? `${stats.width} × ${stats.height}` : "sound only";
    const ahead = this.buffered.value.find(
      (one) => one.start <= this.time.value + 0.1 && one.end >= this.time.value,
    );
    const address = this.address();
    return {
      rung,
      protocol: address?.protocol ?? "",
      bandwidth: stats.streamBandwidth || 0,
      estimate: stats.estimatedBandwidth || 0,
      buffer: ahead ? Math.max(0, ahead.end - this.time.value) : 0,
      latency: this.live.value ? stats.liveLatency : null,
      dropped: stats.droppedFrames || 0,
      decoded: stats.decodedFrames || 0,
      stalls: stats.stallsDetected || 0,
      codecs: stats.currentCodecs || "",
      loadTime: stats.loadLatency || 0,
    };
  }

  // Inside

  private applyPreferences(): void {
    const { volume, muted, rate, audio, captions } = preferences.peek();
    this.video.volume = volume;
    this.video.muted = muted;
    this.video.playbackRate = rate;
    const sound = this.player.getAudioTracks().find((one) => one.language === audio);
    if (sound && !sound.active) this.player.selectAudioTrack(sound);
    const text = this.player.getTextTracks().find((one) => one.language === captions && !one.forced);
    this.player.selectTextTrack(captions && text ? text : null);
  }

  private watchVideo(): void {
    const on = (names: string, handler: () => void) => {
      for (const name of names.split(" ")) {
        this.video.addEventListener(name, handler, { signal: this.stop.signal });
      }
    };
    on("play playing pause", () => (this.playing.value = !this.video.paused));
    on("playing", () => batch(() => {
      this.waiting.value = false;
      this.ended.value = false;
    }));
    on("waiting", () => (this.waiting.value = true));
    on("canplay seeked", () => (this.waiting.value = false));
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
      if ("buffering" in event) this.waiting.value = event.buffering === true;
    });
    this.player.addEventListener("error", (event: Event) => {
      const detail: unknown = "detail" in event ? event.detail : event;
      if (isShakaFault(detail) && detail.category === 2) return; // captions alone are no reason to stop
      this.fault.value = explain(detail);
    });
  }

  private refreshTime(): void {
    const extent = extentOf({
      dynamic: this.player.isLive() || this.player.isInProgress(),
      film: this.source.film,
      seekable: this.player.seekRange(),
      duration: this.video.duration,
    });
    const ranges: Range[] = [];
    for (let index = 0; index < this.video.buffered.length; index++) {
      ranges.push({ start: this.video.buffered.start(index), end: this.video.buffered.end(index) });
    }
    batch(() => {
      this.live.value = extent.live;
      this.growing.value = extent.growing;
      this.readyTo.value = extent.ready;
      this.time.value = this.video.currentTime;
      this.range.value = { start: extent.start, end: extent.end };
      this.buffered.value = ranges;
    });
  }

  private refreshTracks(): void {
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
    const fetchText = async (url: string | null) => {
      if (!url) return null;
      const response = await fetch(url, { signal: this.stop.signal });
      return response.ok ? response.text() : null;
    };
    const { thumbnails, chapters } = this.source;
    try {
      const [tiles, names] = await Promise.all([fetchText(thumbnails), fetchText(chapters)]);
      if (tiles && thumbnails) this.tiles = parseTiles(tiles, thumbnails);
      if (names) this.chapters.value = parseCues(names);
    } catch {
      // Without thumbnails and chapters the film plays as well.
    }
  }
}
