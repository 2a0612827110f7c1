/** Publish a film: a file, uploaded so that it can resume, or a URL to fetch. */

import { useRef, useState } from "preact/hooks";
import { type Failure, failureOf, ladders, titles } from "../api/client";
import { browserTransport, upload } from "../api/tus";
import type { CreateTitle } from "../api/types";
import { useLoad, usePageTitle } from "../kit/data";
import { bytes, language, length, percent } from "../kit/format";
import { Icon } from "../kit/icons";
import { go } from "../kit/router";
import { Bar, FailureNotice } from "../kit/ui";
import { languageOf } from "./language";
import { ApiLink } from "./shell";

const ENDPOINT = "/api/v1/uploads";
const FILMS = "video/*,audio/*,.mkv,.mxf,.ts,.m2ts,.avi,.mov,.webm";
const SUBTITLES = ".srt,.vtt,.ttml,.dfxp,.xml";

interface SideCar {
  file: File;
  language: string;
}

interface Sending {
  name: string;
  sent: number;
  total: number;
  rate: number;
  note: string;
}

function DropZone({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <div class={`drop ${over ? "over" : ""} ${file ? "filled" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const dropped = event.dataTransfer?.files[0];
        if (dropped) onFile(dropped);
      }}>
      <Icon name={file ? "film" : "upload"} />
      {file ? (
        <p><strong>{file.name}</strong><br /><span class="soft num">{bytes(file.size)}</span></p>
      ) : (
        <p><strong>Drop a film here</strong><br /><span class="soft">MP4, MOV, MKV, WebM, TS, AVI or MXF</span></p>
      )}
      <button type="button" class="button" onClick={() => input.current?.click()}>{file ? "Choose another" : "Choose a file"}</button>
      <input ref={input} class="hidden-text" type="file" accept={FILMS} aria-label="Film" tabIndex={-1}
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0];
          if (chosen) onFile(chosen);
        }} />
    </div>
  );
}

function SideCars({ cars, setCars }: { cars: SideCar[]; setCars: (cars: SideCar[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <fieldset class="field">
      <legend class="label">Subtitles</legend>
      {cars.map((car, index) => (
        <div class="car" key={index}>
          <span class="mono car-name">{car.file.name}</span>
          <input class="input" aria-label={`Language of ${car.file.name}`} placeholder="Language, such as sv" value={car.language} required
            pattern="[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*" title="A BCP 47 tag such as en, sv or pt-BR"
            onInput={(event) => setCars(cars.map((one, at) => (at === index ? { ...one, language: event.currentTarget.value } : one)))} />
          <span class="soft small car-language">{car.language && language(car.language) !== car.language ? language(car.language) : ""}</span>
          <button type="button" class="button quiet icon-only" aria-label={`Remove ${car.file.name}`} onClick={() => setCars(cars.filter((_, at) => at !== index))}>
            <Icon name="close" />
          </button>
        </div>
      ))}
      <div>
        <button type="button" class="button" onClick={() => input.current?.click()}>Add a subtitle file</button>
        <input ref={input} class="hidden-text" type="file" accept={SUBTITLES} multiple aria-label="Subtitle files" tabIndex={-1}
          onChange={(event) => {
            const added = [...(event.currentTarget.files ?? [])].map((file) => ({ file, language: languageOf(file.name) }));
            setCars([...cars, ...added]);
            event.currentTarget.value = "";
          }} />
      </div>
      <span class="hint">SRT, WebVTT or TTML. Subtitles inside the film are taken by themselves.</span>
    </fieldset>
  );
}

function UploadStatus({ sending, stop }: { sending: Sending; stop: () => void }) {
  const left = sending.rate > 0 ? (sending.total - sending.sent) / sending.rate : null;
  const facts = [
    `${bytes(sending.sent)} of ${bytes(sending.total)}`,
    sending.rate > 0 ? `${bytes(sending.rate)}/s` : "",
    left !== null && left > 1 ? `${length(left)} left` : "",
  ].filter(Boolean);
  return (
    <div class="sending" aria-live="off">
      <p><strong>Uploading {sending.name}</strong> <span class="num">{percent(sending.sent / Math.max(1, sending.total))}</span></p>
      <Bar fraction={sending.sent / Math.max(1, sending.total)} label={`Upload of ${sending.name}`} />
      <p class="soft small num">{facts.join(" · ")}</p>
      {sending.note && <p class="small title-problem" role="status">{sending.note}</p>}
      <div><button type="button" class="button" onClick={stop}>Pause upload</button></div>
    </div>
  );
}

/** Upload one file; it goes on where an earlier try ended. */
async function send(file: File, signal: AbortSignal, tell: (sending: Sending) => void): Promise<string> {
  const began = { at: performance.now(), sent: -1 };
  const now: Sending = { name: file.name, sent: 0, total: file.size, rate: 0, note: "" };
  return upload(file, {
    endpoint: ENDPOINT,
    metadata: { filename: file.name, filetype: file.type || "application/octet-stream" },
    transport: browserTransport,
    memory: localStorage,
    signal,
    onProgress: (sent, total) => {
      if (began.sent < 0) Object.assign(began, { at: performance.now(), sent });
      const seconds = (performance.now() - began.at) / 1_000;
      tell(Object.assign(now, { sent, total, note: "", rate: seconds > 0.5 ? (sent - began.sent) / seconds : 0 }));
    },
    onRetry: (attempt, pause) =>
      tell(Object.assign(now, { note: `The connection was lost. Try ${attempt} in ${pause / 1_000} s; what has arrived is kept.` })),
  });
}

export function PublishPage() {
  usePageTitle("Publish · Matinee console");
  const known = useLoad("ladders", () => ladders.list());
  const [from, setFrom] = useState<"file" | "url">("file");
  const [file, setFile] = useState<File | null>(null);
  const [cars, setCars] = useState<SideCar[]>([]);
  const [name, setName] = useState("");
  const [ladder, setLadder] = useState("auto");
  const [sending, setSending] = useState<Sending | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const stop = useRef(new AbortController());
  const once = useRef(crypto.randomUUID?.() ?? String(Math.random()).slice(2)); // the same request, however often it is sent

  const publish = async (form: FormData) => {
    const { signal } = stop.current;
    const tell = (now: Sending) => setSending({ ...now });
    const body: CreateTitle = { ladder, synopsis: String(form.get("synopsis") ?? "").trim() };
    const wanted = name.trim();
    if (wanted) body.name = wanted;
    if (from === "url") body.url = String(form.get("url") ?? "").trim();
    else if (file) body.upload_id = await send(file, signal, tell);
    const subtitles = [];
    for (const car of cars) subtitles.push({ upload_id: await send(car.file, signal, tell), language: car.language.trim() });
    if (subtitles.length) body.subtitles = subtitles;
    const made = await titles.create(body, once.current);
    go(made.job ? `/console/jobs/${encodeURIComponent(made.job.id)}` : `/console/titles/${encodeURIComponent(made.title.id)}`);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (from === "file" && !file) {
      setFailure({ message: "No film has been chosen.", fix: "Drop a file above, or choose one." });
      return;
    }
    stop.current = new AbortController();
    setFailure(null);
    setBusy(true);
    publish(new FormData(event.currentTarget as HTMLFormElement))
      .catch((error: unknown) => {
        if (stop.current.signal.aborted) {
          setFailure({ message: "The upload is paused.", fix: "Press Publish to go on where it stopped." });
          return;
        }
        once.current = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
        setFailure(failureOf(error));
      })
      .finally(() => {
        setBusy(false);
        setSending(null);
      });
  };
  const chosen = known.value?.items.find((one) => one.name === ladder);
  return (
    <>
      <div class="head"><h1>Publish a film</h1></div>
      <form class="publish" onSubmit={submit}>
        <fieldset class="filter">
          <legend class="hidden-text">Where the film is</legend>
          <label><input type="radio" name="from" checked={from === "file"} onChange={() => setFrom("file")} /><span>A file here</span></label>
          <label><input type="radio" name="from" checked={from === "url"} onChange={() => setFrom("url")} /><span>A URL</span></label>
        </fieldset>
        {from === "file" ? <DropZone file={file} onFile={setFile} /> : (
          <div class="field">
            <label for="url">URL of the film</label>
            <input class="input mono" id="url" name="url" type="url" required placeholder="https://example.com/film.mp4" />
            <span class="hint">The server fetches it. http and https only.</span>
          </div>
        )}
        <div class="field">
          <label for="name">Title</label>
          <input class="input" id="name" value={name} maxLength={500} onInput={(event) => setName(event.currentTarget.value)} />
          <span class="hint">Left empty, the film's own title tag or its file name is used.</span>
        </div>
        <div class="field">
          <label for="synopsis">Synopsis</label>
          <textarea class="input" id="synopsis" name="synopsis" maxLength={20000} />
        </div>
        <div class="field">
          <label for="ladder">Ladder</label>
          <select class="input" id="ladder" value={ladder} onChange={(event) => setLadder(event.currentTarget.value)}>
            {(known.value?.items ?? [{ name: "auto", description: "", toml: "" }]).map((one) => <option key={one.name} value={one.name}>{one.name}</option>)}
          </select>
          <span class="hint">{chosen?.description} <a href="/console/settings/ladders">See the ladders</a></span>
        </div>
        <SideCars cars={cars} setCars={setCars} />
        {failure && <FailureNotice failure={failure} />}
        {sending ? <UploadStatus sending={sending} stop={() => stop.current.abort()} /> : (
          <div><button type="submit" class="button primary large" disabled={busy}>{busy ? "Publishing…" : "Publish"}</button></div>
        )}
      </form>
      <ApiLink path="/titles" method="POST" body={`{"url": "https://example.com/film.mp4", "ladder": "${ladder}"}`} />
    </>
  );
}
