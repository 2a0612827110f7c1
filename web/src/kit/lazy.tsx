/** Pages whose code is fetched when they are first shown. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { failureOf, type Failure } from "../api/client";
import { FailureNotice } from "./ui";

export interface Lazy<Props> {
  load: () => Promise<ComponentType<Props>>;
  found: ComponentType<Props> | null;
}

export function lazy<Props>(load: () => Promise<ComponentType<Props>>): Lazy<Props> {
  return { load, found: null };
}

export function Suspense<Props extends object>({ of, props }: { of: Lazy<Props>; props: Props }) {
  const [, setReady] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    if (of.found) return;
    of.load().then(
      (found) => {
        of.found = found;
        setReady(true);
      },
      (error: unknown) => setFailure(failureOf(error)),
    );
  }, [of]);
  if (failure) {
    return <FailureNotice failure={failure} retry={() => location.reload()} />;
  }
  const Found = of.found;
  return Found ? <Found {...props} /> : <div class="loading-page" role="status" aria-label="Loading" />;
}
