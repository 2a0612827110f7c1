/** Gives a video that plays another stream of the same film, so that the viewer hardly notices. */

import type { Signal } from "@preact/signals";
import type shaka from "shaka-player/dist/shaka-player.compiled-es2021.js";
import { Still } from "./still";
import { audioPreferences } from "./tracks";

/** How long an exchange may take before the viewer is told to wait, milliseconds. */
const UNNOTICED = 800;

/** Place and play state while no stream is there to have them; what the viewer does changes them. */
export interface Held {
  time: number;
  playing: boolean;
  over: AbortController;
}

interface Stage {
  player: shaka.Player;
  video: HTMLVideoElement;
  canvas: HTMLCanvasElement;
  waiting: Signal<boolean>;
}

/**
 * `preload` fetches what comes next while the old stream plays on; `load` puts it in its place,
 * under a still of the last picture. A second video element would need no still, but phones play
 * one at a time, and full screen and the viewer's permission for sound belong to the first.
 */
export class Exchange {
  held: Held | null = null;
  private readonly stage: Stage;
  private readonly still: Still;
  private unnoticed: ReturnType<typeof setTimeout> | undefined;

  constructor(stage: Stage) {
    this.stage = stage;
    this.still = new Still(stage.video, stage.canvas);
  }

  /** Fetch the manifest at *url*, and the next segments with sound like *audio*; throws where that fails. */
  async preload(url: string, type: string, audio: shaka.extern.AudioTrack | null): Promise<shaka.media.PreloadManager | null> {
    const { player, video } = this.stage;
    const config = player.getConfiguration();
    config.preferredAudio = audioPreferences(audio);
    // What the network carried so far says more than what the browser guesses of it.
    config.abr.useNetworkInformation = false;
    config.abr.defaultBandwidthEstimate = player.getStats().estimatedBandwidth || config.abr.defaultBandwidthEstimate;
    const preload = await player.preload(url, video.currentTime, type, config);
    try {
      await preload?.waitForFinish();
    } catch (error) {
      await preload?.destroy();
      throw error;
    }
    return preload;
  }

  /** Load *stream* where the old one is, and return once it stands at that place; throws where that fails. */
  async load(stream: string | shaka.media.PreloadManager, type: string, held: Held): Promise<void> {
    const { player, video } = this.stage;
    const start = held.time;
    await player.load(stream, start, type);
    await untilMetadata(video, held.over.signal);
    if (held.time !== start && !held.over.signal.aborted) video.currentTime = held.time;
  }

  /** Stand still until `resume` or `release`. */
  hold(): Held {
    const { video, waiting } = this.stage;
    const held = { time: video.currentTime, playing: !video.paused, over: new AbortController() };
    this.held = held;
    this.still.show();
    video.pause();
    video.defaultPlaybackRate = video.playbackRate; // to which another stream resets the speed
    clearTimeout(this.unnoticed);
    this.unnoticed = setTimeout(() => {
      this.unnoticed = undefined;
      waiting.value = this.held !== null || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    }, UNNOTICED);
    return held;
  }

  /** Let the new stream have place and play state; the still goes with its first picture. */
  resume(): void {
    this.held = null;
  }

  /** End all that is held, such as when another load comes between. */
  release(): void {
    this.held?.over.abort();
    this.held = null;
    clearTimeout(this.unnoticed);
    this.unnoticed = undefined;
    this.still.hide();
  }

  /** Whether a wait is too short as yet to speak of it. */
  get unnoticeable(): boolean {
    return this.unnoticed !== undefined;
  }
}

function untilMetadata(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || video.readyState >= HTMLMediaElement.HAVE_METADATA) return resolve();
    video.addEventListener("loadedmetadata", () => resolve(), { once: true, signal });
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
