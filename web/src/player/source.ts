/** What is played: the streams of one version of a title, and which of them this browser gets. */

export interface Source {
  dash: string | null;
  hls: string | null;
  thumbnails: string | null;
  chapters: string | null;
  /** Play HLS through Shaka even where DASH would do. */
  preferHls: boolean;
  /** How long the film is, seconds, as the catalogue says; null for a live channel. */
  film: number | null;
  /** A later version takes the place of this one under the same addresses. */
  version: number;
}

export interface Address {
  url: string;
  protocol: "HLS" | "DASH";
  type: string;
}

/** Whether the page may feed the video itself; else the browser plays HLS on its own. */
export function hasMediaSource(): boolean {
  return "MediaSource" in window || "ManagedMediaSource" in window;
}

export function addressOf({ dash, hls, preferHls }: Source, mediaSource: boolean): Address | null {
  if ((preferHls || !mediaSource || !dash) && hls) {
    return { url: hls, protocol: "HLS", type: "application/x-mpegurl" };
  }
  return dash ? { url: dash, protocol: "DASH", type: "application/dash+xml" } : null;
}

/**
 * The same manifest in its version's folder, where it never changes: under the address that all
 * versions share, a cache may for a while still hold the version before.
 */
export function pinned(url: string, version: number): string {
  const found = new URL(url);
  found.pathname = found.pathname.replace(/[^/]*$/, (name) => `v${version}/${name}`);
  return found.href;
}
