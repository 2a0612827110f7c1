/** Where a viewer left off, remembered in this browser for each title. */

export interface Place {
  /** Seconds into the film. */
  at: number;
  /** When it was saved, milliseconds since 1970. */
  saved: number;
}

export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const PREFIX = "matinee.place.";

function browserStore(): Store | null {
  try {
    return typeof localStorage === "undefined" ? null : localStorage;
  } catch {
    return null; // storage can be forbidden altogether
  }
}

/** The stretch in which a place is worth keeping: not the very beginning, not the credits. */
export function worthKeeping(at: number, duration: number): boolean {
  if (!(duration > 0) || !Number.isFinite(at)) return false;
  const begun = Math.min(10, duration * 0.05);
  const over = duration - Math.min(45, duration * 0.05);
  return at >= begun && at < over;
}

export function readPlace(titleId: string, store: Store | null = browserStore()): Place | null {
  try {
    const place: unknown = JSON.parse(store?.getItem(PREFIX + titleId) ?? "null");
    if (typeof place !== "object" || place === null) return null;
    if (!("at" in place) || !("saved" in place)) return null;
    const { at, saved } = place;
    return typeof at === "number" && typeof saved === "number" ? { at, saved } : null;
  } catch {
    return null;
  }
}

/** Remember *at*, or forget the title when nothing is left to resume. */
export function savePlace(
  titleId: string,
  at: number,
  duration: number,
  store: Store | null = browserStore(),
  now: number = Date.now(),
): void {
  try {
    if (worthKeeping(at, duration)) {
      store?.setItem(PREFIX + titleId, JSON.stringify({ at, saved: now } satisfies Place));
    } else {
      store?.removeItem(PREFIX + titleId);
    }
  } catch {
    // A full or forbidden storage only costs the convenience.
  }
}

/** Seconds at which to resume, or null to start at the beginning. */
export function resumeAt(
  titleId: string,
  duration: number,
  store: Store | null = browserStore(),
): number | null {
  const place = readPlace(titleId, store);
  return place && worthKeeping(place.at, duration) ? place.at : null;
}

export function unfinished(titleId: string, duration: number): boolean {
  return resumeAt(titleId, duration) !== null;
}

/** How much of the film has been seen, 0 to 1, for the line under a poster. */
export function watched(titleId: string, duration: number): number {
  const at = resumeAt(titleId, duration);
  return at === null ? 0 : at / duration;
}
