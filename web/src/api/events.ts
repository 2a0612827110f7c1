/** The server's event stream, shared by all parts of a page that listen. */

import { signal } from "@preact/signals";
import { EVENT_TYPES, type MatineeEvent } from "./types";

type Listener = (event: MatineeEvent) => void;

const listeners = new Set<Listener>();
let source: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | undefined;

/** Whether the stream is open: the console's live dot. */
export const connected = signal(false);

function deliver(message: MessageEvent<string>): void {
  const event = JSON.parse(message.data) as MatineeEvent;
  for (const listener of listeners) listener(event);
}

function open(): void {
  source = new EventSource("/api/v1/events");
  source.onopen = () => (connected.value = true);
  source.onerror = () => {
    connected.value = false;
    // A refused stream (signed out, restarting) is closed for good by the browser: try again.
    if (source?.readyState === EventSource.CLOSED) {
      clearTimeout(again);
      again = setTimeout(() => {
        if (listeners.size) open();
      }, 4_000);
    }
  };
  for (const type of EVENT_TYPES) source.addEventListener(type, deliver);
}

/** Listen until the returned function is called. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  if (!source || source.readyState === EventSource.CLOSED) open();
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    clearTimeout(again);
    source?.close();
    source = null;
    connected.value = false;
  };
}
