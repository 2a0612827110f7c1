/** What stands over the picture now and then: help, faults, the end of the film, the resume note. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../kit/icons";
import { CopyButton, Poster } from "../kit/ui";
import type { Fault } from "./faults";
import { KEY_HELP } from "./keys";

export interface NextTitle {
  id: string;
  name: string;
  poster: string | null;
  facts: string;
}

export function KeyHelp({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog class="dialog key-help" ref={dialog} aria-labelledby="key-help" onClose={close}
      onClick={(event) => {
        if (event.target === event.currentTarget) close();
      }}>
      <h2 id="key-help">Keyboard</h2>
      <dl>
        {KEY_HELP.map(([keys, words]) => (
          <div key={words}>
            <dt>{keys.map((key) => (key === "…" ? <span key={key}>…</span> : <kbd key={key}>{key}</kbd>))}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <div class="actions">
        <button type="button" class="button" onClick={close}>Close</button>
      </div>
    </dialog>
  );
}

export function FaultPanel({ fault, retry, home }: { fault: Fault; retry: () => void; home: string }) {
  return (
    <div class="overlay" role="alert">
      <div class="fault">
        <Icon name="alert" />
        <h2>{fault.title}</h2>
        <p>{fault.detail}</p>
        <div class="overlay-actions">
          <button type="button" class="button primary" onClick={retry}>Try again</button>
          <a class="button" href={home}>Back to the film</a>
        </div>
        {fault.code && (
          <p class="fault-code">
            <code>{fault.code}</code>
            <CopyButton text={fault.code} what="error code" />
          </p>
        )}
      </div>
    </div>
  );
}

const COUNTDOWN = 12;

export function EndPanel({ next, again, home }: { next: NextTitle | null; again: () => void; home: string }) {
  const [left, setLeft] = useState<number | null>(next ? COUNTDOWN : null);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (left === null) return;
    if (left === 0) {
      link.current?.click();
      return;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left]);
  return (
    <div class="overlay end" role="region" aria-label="The film is over">
      {next && (
        <a class="next" ref={link} href={`/watch/${encodeURIComponent(next.id)}`}>
          <span class="frame"><Poster src={next.poster} eager /></span>
          <span class="soft">Next</span>
          <strong>{next.name}</strong>
          <span class="soft num">{next.facts}</span>
        </a>
      )}
      <div class="overlay-actions">
        {next && (
          <a class="button primary" href={`/watch/${encodeURIComponent(next.id)}`}>
            <Icon name="play" /> <span class="num">{left === null ? "Play next" : `Play next in ${left}`}</span>
          </a>
        )}
        {left !== null && (
          <button type="button" class="button" onClick={() => setLeft(null)}>Stay here</button>
        )}
        <button type="button" class="button" onClick={again}>
          <Icon name="replay" /> Watch again
        </button>
        {!next && <a class="button" href={home}>Back to the film</a>}
      </div>
    </div>
  );
}

export function ResumeNote({ at, restart, close }: { at: string; restart: () => void; close: () => void }) {
  useEffect(() => {
    const timer = setTimeout(close, 9_000);
    return () => clearTimeout(timer);
  }, [close]);
  return (
    <div class="resume-note" role="status">
      <span>Continued from <b class="num">{at}</b></span>
      <button type="button" class="button" onClick={restart}>
        <Icon name="replay" /> Start over
      </button>
    </div>
  );
}
