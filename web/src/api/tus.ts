/**
 * A tus 1.0.0 client: creation, chunks by PATCH, resume by HEAD, retry with growing pauses.
 *
 * It survives lost connections, restarts of the server and (through `memory`) reloads of the page.
 * Protocol: https://tus.io/protocols/resumable-upload, sections "Core Protocol" and "Creation".
 */

export interface TusRequest {
  method: "POST" | "HEAD" | "PATCH" | "DELETE";
  url: string;
  headers: Record<string, string>;
  body?: Blob;
  signal: AbortSignal;
  onProgress?: (sent: number) => void;
}

export interface TusResponse {
  status: number;
  header(name: string): string | null;
  text: string;
}

export type Transport = (request: TusRequest) => Promise<TusResponse>;

/** Remembers unfinished uploads by file; `localStorage` has this shape. */
export interface Memory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface UploadOptions {
  endpoint: string;
  metadata: Record<string, string>;
  transport: Transport;
  memory?: Memory;
  chunkSize?: number;
  onProgress?: (sent: number, total: number) => void;
  /** Told when a chunk failed and is tried again, with the pause in milliseconds. */
  onRetry?: (attempt: number, pause: number) => void;
  pause?: (milliseconds: number) => Promise<void>;
  signal?: AbortSignal;
}

export interface UploadFile extends Blob {
  readonly name: string;
  readonly lastModified: number;
}

const VERSION = { "Tus-Resumable": "1.0.0" };
const PAUSES = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const CHUNK = 8 * 1024 * 1024;

/** The server refused, or kept failing after the last retry. */
export class UploadError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.name = "UploadError";
    this.status = status;
  }
}

/** `Upload-Metadata`: pairs of key and base64 of the UTF-8 value. */
export function encodeMetadata(metadata: Record<string, string>): string {
  return Object.entries(metadata)
    .map(([key, value]) => {
      let bytes = "";
      for (const byte of new TextEncoder().encode(value)) bytes += String.fromCharCode(byte);
      return `${key} ${btoa(bytes)}`;
    })
    .join(",");
}

/** Under which key an unfinished upload of a file is remembered. */
export function fingerprint(file: UploadFile, endpoint: string): string {
  return `matinee.upload:${endpoint}:${file.name}:${file.size}:${file.lastModified}`;
}

/** The last path segment of an upload's address: what the API calls `upload_id`. */
export function uploadId(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? "";
  return decodeURIComponent(path.replace(/\/+$/, "").split("/").pop() ?? "");
}

function retryable(status: number): boolean {
  return status === 0 || status === 409 || status === 423 || status === 429 || status >= 500;
}

function complaint(response: TusResponse): UploadError {
  let detail = "";
  try {
    const body: unknown = JSON.parse(response.text);
    if (typeof body === "object" && body !== null && "detail" in body) detail = String(body.detail);
  } catch {
    detail = response.text.slice(0, 200);
  }
  return new UploadError(detail || `The upload was refused (${response.status}).`, response.status);
}

class Upload {
  private readonly file: UploadFile;
  private readonly options: UploadOptions;
  private readonly signal: AbortSignal;
  private readonly key: string;

  constructor(file: UploadFile, options: UploadOptions) {
    this.file = file;
    this.options = options;
    this.signal = options.signal ?? new AbortController().signal;
    this.key = fingerprint(file, options.endpoint);
  }

  /** Send everything; return the upload's address. */
  async run(): Promise<string> {
    const remembered = this.options.memory?.getItem(this.key) ?? null;
    let url = remembered;
    let offset = url === null ? null : await this.attempt(() => this.offset(url ?? ""));
    if (url === null || offset === null) {
      url = await this.attempt(() => this.create());
      offset = 0;
      this.options.memory?.setItem(this.key, url);
    }
    this.report(offset);
    await this.sendFrom(url, offset);
    this.options.memory?.removeItem(this.key);
    return url;
  }

  private async sendFrom(url: string, start: number): Promise<void> {
    let offset = start;
    let attempt = 0;
    while (offset < this.file.size) {
      this.signal.throwIfAborted();
      try {
        offset = await this.patch(url, offset);
        attempt = 0;
      } catch (error) {
        await this.recover(error, attempt++);
        const known = await this.attempt(() => this.offset(url));
        if (known === null) throw new UploadError("The server has forgotten this upload.", 404);
        if (known > offset) attempt = 0;
        offset = known;
      }
      this.report(offset);
    }
  }

  /** Run one request, again after pauses while the fault may pass. */
  private async attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        await this.recover(error, attempt);
      }
    }
  }

  private async recover(error: unknown, attempt: number): Promise<void> {
    this.signal.throwIfAborted();
    const pause = PAUSES[attempt];
    const passing = error instanceof UploadError && retryable(error.status);
    if (!passing || pause === undefined) throw error;
    this.options.onRetry?.(attempt + 1, pause);
    const sleep =
      this.options.pause ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms)));
    await sleep(pause);
    this.signal.throwIfAborted();
  }

  private async create(): Promise<string> {
    const response = await this.send("POST", this.options.endpoint, {
      "Upload-Length": String(this.file.size),
      "Upload-Metadata": encodeMetadata(this.options.metadata),
    });
    const location = response.header("Location");
    if (response.status !== 201 || !location) throw complaint(response);
    return location;
  }

  /** How many bytes the server has, or null where it no longer knows the upload. */
  private async offset(url: string): Promise<number | null> {
    const response = await this.send("HEAD", url, {});
    if (response.status === 404 || response.status === 410 || response.status === 403) {
      this.options.memory?.removeItem(this.key);
      return null;
    }
    const offset = Number(response.header("Upload-Offset") ?? Number.NaN);
    if (response.status >= 300 || !Number.isInteger(offset)) throw complaint(response);
    return offset;
  }

  private async patch(url: string, offset: number): Promise<number> {
    const end = Math.min(this.file.size, offset + (this.options.chunkSize ?? CHUNK));
    const headers = {
      "Upload-Offset": String(offset),
      "Content-Type": "application/offset+octet-stream",
    };
    const body = this.file.slice(offset, end);
    const response = await this.send("PATCH", url, headers, body, (sent) =>
      this.report(offset + sent),
    );
    const reached = Number(response.header("Upload-Offset") ?? Number.NaN);
    if (response.status !== 204 || !Number.isInteger(reached)) throw complaint(response);
    if (reached <= offset) throw new UploadError("The server took no bytes.", 0);
    return reached;
  }

  private send(
    method: TusRequest["method"],
    url: string,
    headers: Record<string, string>,
    body?: Blob,
    onProgress?: (sent: number) => void,
  ): Promise<TusResponse> {
    return this.options.transport({
      method,
      url,
      headers: { ...VERSION, ...headers },
      signal: this.signal,
      ...(body ? { body } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
  }

  private report(sent: number): void {
    this.options.onProgress?.(Math.min(sent, this.file.size), this.file.size);
  }
}

/**
 * Upload a file and return its upload id.
 *
 * Throws `UploadError` when the server refuses, and the signal's reason when it is aborted.
 */
export async function upload(file: UploadFile, options: UploadOptions): Promise<string> {
  return uploadId(await new Upload(file, options).run());
}

/** Requests over XMLHttpRequest, which unlike fetch tells how much has been sent. */
export const browserTransport: Transport = (request) =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(request.method, request.url);
    for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => request.onProgress?.(event.loaded);
    const abort = () => xhr.abort();
    request.signal.addEventListener("abort", abort, { once: true });
    const finish = () => request.signal.removeEventListener("abort", abort);
    xhr.onload = () => {
      finish();
      resolve({
        status: xhr.status,
        header: (name) => xhr.getResponseHeader(name),
        text: xhr.responseText,
      });
    };
    xhr.onerror = () => {
      finish();
      reject(new UploadError("The connection was lost.", 0));
    };
    xhr.onabort = () => {
      finish();
      reject(request.signal.reason as Error);
    };
    xhr.send(request.body ?? null);
  });
