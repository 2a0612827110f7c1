/** Loading things: a hook for one request, and one that keeps it fresh by events. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Failure, failureOf } from "../api/client";
import { listen } from "../api/events";
import type { MatineeEvent } from "../api/types";

export interface Loaded<Value> {
  value: Value | null;
  failure: Failure | null;
  loading: boolean;
  reload: () => void;
}

/** Load once for each *key*; what was shown stays while it loads again. */
export function useLoad<Value>(
  key: string,
  load: (signal: AbortSignal) => Promise<Value>,
): Loaded<Value> {
  const [state, setState] = useState<{ key: string; value: Value | null; failure: Failure | null }>({
    key: "",
    value: null,
    failure: null,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const controller = new AbortController();
    latest.current(controller.signal).then(
      (value) => {
        if (!controller.signal.aborted) setState({ key, value, failure: null });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setState((old) => ({
          key,
          value: old.key === key ? old.value : null,
          failure: failureOf(error),
        }));
      },
    );
    return () => controller.abort();
  }, [key, round]);
  const reload = useCallback(() => setRound((count) => count + 1), []);
  const loading = state.key !== key;
  return { value: state.value, failure: loading ? null : state.failure, loading, reload };
}

/** Call *reload* when an event concerns us, at most every *pause* milliseconds. */
export function useEvents(
  concerns: (event: MatineeEvent) => boolean,
  reload: () => void,
  pause = 800,
): void {
  const latest = useRef({ concerns, reload });
  latest.current = { concerns, reload };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const stop = listen((event) => {
      if (timer !== undefined || !latest.current.concerns(event)) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          last = Date.now();
          latest.current.reload();
        },
        Math.max(0, last + pause - Date.now()),
      );
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [pause]);
}

/** Something that follows *value* once it has rested for *pause* milliseconds. */
export function useRested<Value>(value: Value, pause: number): Value {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return rested;
}

/** The title of the browser's tab. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
