/** One tab stop for many things: arrow keys move between them, as toolbars and grids do (ARIA APG). */

import { useRef, useState } from "preact/hooks";

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };

/** Where a key leads from *at* among *count*, rows of *columns* (0: there are no rows); null: nowhere. */
export function moved(key: string, at: number, count: number, columns = 0): number | null {
  const rows = columns ? { ArrowDown: columns, ArrowUp: -columns } : { ArrowDown: -1, ArrowUp: 1 };
  const step = STEPS[key] ?? (rows as Record<string, number>)[key];
  const target = key === "Home" ? 0 : key === "End" ? count - 1 : step === undefined ? null : at + step;
  return target === null || target < 0 || target >= count ? null : target;
}

/** What the item *index* of *count* needs to take part; `current` is the one read out, null: none. */
export function useRoving(count: number, columns = 0) {
  const [stop, setStop] = useState(0);
  const [current, setCurrent] = useState<number | null>(null);
  const items = useRef<(SVGElement | null)[]>([]);
  const entry = Math.min(stop, Math.max(0, count - 1));
  const item = (index: number) => ({
    ref: (element: SVGElement | null) => {
      items.current[index] = element;
    },
    tabindex: index === entry ? 0 : -1,
    onFocus: () => {
      setStop(index);
      setCurrent(index);
    },
    onBlur: () => setCurrent(null),
    onKeyDown: (event: KeyboardEvent) => {
      const target = moved(event.key, index, count, columns);
      if (target === null) return;
      event.preventDefault();
      items.current[target]?.focus();
    },
  });
  return { item, current: current !== null && current < count ? current : null, point: setCurrent };
}
