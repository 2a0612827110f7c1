/** Seek-bar thumbnails and chapters, which lie in files beside the stream. */

import type { Source } from "./source";
import { type Cue, type Tile, parseCues, parseTiles } from "./vtt";

export interface Indexes {
  tiles: Tile[];
  chapters: Cue[];
}

async function textOf(url: string | null, signal: AbortSignal): Promise<string | null> {
  if (!url) return null;
  const response = await fetch(url, { signal });
  return response.ok ? response.text() : null;
}

/** Both of *source*, or null where they cannot be had: the film plays as well without. */
export async function indexesOf({ thumbnails, chapters }: Source, signal: AbortSignal): Promise<Indexes | null> {
  try {
    const [tiles, names] = await Promise.all([textOf(thumbnails, signal), textOf(chapters, signal)]);
    return {
      tiles: tiles && thumbnails ? parseTiles(tiles, thumbnails) : [],
      chapters: names ? parseCues(names) : [],
    };
  } catch {
    return null;
  }
}
