/** The few components that both faces share. */

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Failure } from "../api/client";
import { Icon } from "./icons";

interface Toast {
  id: number;
  text: string;
}

const toasts = signal<Toast[]>([]);
let toastCount = 0;

/** Say something that needs no answer; read aloud by screen readers. */
export function toast(text: string): void {
  const id = ++toastCount;
  toasts.value = [...toasts.value.slice(-2), { id, text }];
  setTimeout(() => (toasts.value = toasts.value.filter((one) => one.id !== id)), 5_000);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((one) => (
        <div class="toast" key={one.id}>
          {one.text}
        </div>
      ))}
    </div>
  );
}

/** Copy to the clipboard, also where the page is not a secure context. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  return (
    <button type="button" class="button quiet icon-only" aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={() => void copyText(text).then(() => toast(`Copied ${what}`))}>
      <Icon name="copy" />
    </button>
  );
}

export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <code tabIndex={0} role="group" aria-label="Command">{text}</code>
      <CopyButton text={text} what="command" />
    </div>
  );
}

/** Words of the server, in which backticks mark what is typed. */
export function Words({ text }: { text: string }) {
  return <>{text.split("`").map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part))}</>;
}

export function FailureNotice({ failure, retry }: { failure: Failure; retry?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <strong><Words text={failure.message} /></strong>
      {failure.fix && <span><Words text={failure.fix} /></span>}
      {retry && (
        <div class="actions">
          <button type="button" class="button" onClick={retry}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}

export function Bar(props: { fraction: number; label: string; tone?: "done" | "bad" | "" }) {
  const fraction = Math.min(1, Math.max(0, props.fraction));
  return (
    <div class={`bar ${props.tone ?? ""}`} role="progressbar" aria-label={props.label}
      aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(fraction * 100)}>
      <span style={{ transform: `scaleX(${fraction})` }} />
    </div>
  );
}

interface DialogProps {
  title: string;
  children: ComponentChildren;
  onClose: () => void;
  actions: ComponentChildren;
}

/** A modal: the browser keeps focus inside, Escape closes, focus returns. */
export function Dialog({ title, children, onClose, actions }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} class="dialog" aria-labelledby="dialog-title" onClose={onClose}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}>
      <h2 id="dialog-title">{title}</h2>
      <div>{children}</div>
      <div class="actions">{actions}</div>
    </dialog>
  );
}

/** Upright pictures stand whole before a blurred copy of themselves instead of being cropped. */
function shown(image: HTMLImageElement): void {
  const frame = image.parentElement;
  image.classList.add("loaded");
  if (!frame || image.naturalHeight <= image.naturalWidth) return;
  frame.style.setProperty("--picture", `url(${JSON.stringify(image.currentSrc)})`);
  frame.classList.add("tall");
}

/** A poster that fades in when it has arrived, and a quiet frame where there is none. */
export function Poster({ src, eager = false }: { src: string | null; eager?: boolean }) {
  if (!src) {
    return (
      <span class="poster empty">
        <Icon name="film" />
      </span>
    );
  }
  return (
    <span class="poster">
      <img src={src} alt="" loading={eager ? "eager" : "lazy"} decoding="async"
        onLoad={(event) => shown(event.currentTarget)}
        onError={(event) => event.currentTarget.parentElement?.classList.add("broken")} />
    </span>
  );
}
