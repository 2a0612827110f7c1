/** The title that is watched, as the catalogue has it: looked at again while more is to come. */

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, catalog } from "../api/client";
import type { CatalogItem } from "../api/types";
import { rest } from "../kit/rest";

/** Between two looks, milliseconds: ever a little longer, as long encodes end no sooner for it. */
const PERIOD = 10_000;
const GROWTH = 1.05;
const LONGEST = 60_000;
/** Before the first look of a page that nobody saw for a while. */
const BACK = 1_000;

type Versioned = Pick<CatalogItem, "version" | "upcoming">;

interface Asking<Item> {
  ask: (signal: AbortSignal) => Promise<Item>;
  tell: (item: Item) => void;
  /** Before the first look, milliseconds. */
  first?: number;
}

/** Tell of *item* when another version of it is on the air, until none is to come or it is gone. */
export async function follow<Item extends Versioned>(
  item: Item, { ask, tell, first = PERIOD }: Asking<Item>, signal: AbortSignal,
): Promise<void> {
  let known = item;
  let pause = first;
  for (let looks = 1, failures = 0; known.upcoming; looks++) {
    await rest(pause, signal);
    if (signal.aborted) return;
    try {
      const now = await ask(signal);
      if (signal.aborted) return;
      if (now.version !== known.version || now.upcoming !== known.upcoming) tell(now);
      known = now;
      failures = 0;
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && error.status === 404)) return;
      failures++;
    }
    pause = Math.min(PERIOD * GROWTH ** looks * 2 ** failures, LONGEST);
  }
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const onChange = () => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", onChange);
    return () => document.removeEventListener("visibilitychange", onChange);
  }, []);
  return visible;
}

/** *first*, or what has taken its place since; nobody is asked while *idle* or out of sight. */
export function useLatest(first: CatalogItem, idle: boolean): CatalogItem {
  const [item, setItem] = useState(first);
  const begun = useRef(false);
  const visible = useVisible();
  useEffect(() => {
    if (idle || !visible || !item.upcoming) return;
    const controller = new AbortController();
    const ask = (signal: AbortSignal) => catalog.get(item.id, signal);
    void follow(item, { ask, tell: setItem, first: begun.current ? BACK : PERIOD }, controller.signal);
    begun.current = true;
    return () => controller.abort();
  }, [item, idle, visible]);
  return item;
}
