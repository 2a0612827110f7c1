/** The numbers of the stats for nerds. */

import type shaka from "shaka-player/dist/shaka-player.compiled-es2021.js";

export interface Range {
  start: number;
  end: number;
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

export function rangesOf(buffered: TimeRanges): Range[] {
  return Array.from({ length: buffered.length }, (_, index) => ({
    start: buffered.start(index),
    end: buffered.end(index),
  }));
}

export function statisticsOf(player: shaka.Player, video: HTMLVideoElement, protocol: string, live: boolean): Statistics {
  const stats = player.getStats();
  const time = video.currentTime;
  const ahead = rangesOf(video.buffered).find((one) => one.start <= time + 0.1 && one.end >= time);
  return {
    rung: video.videoWidth ? `${stats.width} × ${stats.height}` : "sound only",
    protocol,
    bandwidth: stats.streamBandwidth || 0,
    estimate: stats.estimatedBandwidth || 0,
    buffer: ahead ? Math.max(0, ahead.end - time) : 0,
    latency: live ? stats.liveLatency : null,
    dropped: stats.droppedFrames || 0,
    decoded: stats.decodedFrames || 0,
    stalls: stats.stallsDetected || 0,
    codecs: stats.currentCodecs || "",
    loadTime: stats.loadLatency || 0,
  };
}
