/** How far a stream reaches: a film, a film that is still being made, or something live. */

export interface Facts {
  /** The stream says that there is more to come. */
  dynamic: boolean;
  /** How long the film is meant to be, seconds; null for what has no end. */
  film: number | null;
  /** What the player may seek to, seconds. */
  seekable: { start: number; end: number };
  /** The video element's duration. */
  duration: number;
}

export interface Extent {
  live: boolean;
  growing: boolean;
  /** What the seek bar shows. */
  start: number;
  end: number;
  /** Up to where it can be watched by now. */
  ready: number;
}

export function extentOf({ dynamic, film, seekable, duration }: Facts): Extent {
  if (dynamic && film === null) {
    return { live: true, growing: false, start: seekable.start, end: seekable.end, ready: seekable.end };
  }
  if (dynamic && film !== null) {
    // The bar is as long as the film will be: what one has seen must not move to the left.
    return { live: false, growing: true, start: 0, end: Math.max(film, seekable.end), ready: seekable.end };
  }
  // When a film has grown to its end, the element only learns with the next segment how long it is.
  const said = duration > 0 && Number.isFinite(duration) ? duration : seekable.end;
  const end = Number.isFinite(said) ? said : 0;
  return { live: false, growing: false, start: 0, end, ready: end };
}
