/** Calls to the REST API. Failures are `ApiError`s that carry the server's problem details. */

import type {
  CatalogItem, CreateTitle, Job, Ladder, LadderReport, ListedJob, MediaInfo, Page, ProblemBody, Report,
  Session, TitleBody, Webhook,
} from "./types";

/** What went wrong, why, and the next step, as the server says it. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fix: string;

  constructor(status: number, body: Partial<ProblemBody>) {
    const faults = body.errors?.length ? ` ${body.errors.join("; ")}` : "";
    super(`${body.detail || body.title || `The server answered ${status}.`}${faults}`);
    this.name = "ApiError";
    this.status = status;
    this.code = body.code ?? "error";
    this.fix = body.fix ?? "";
  }
}

/** What a page can show of any failure. */
export interface Failure {
  message: string;
  fix: string;
  /** The problem's `code`; `offline` where nobody answered. */
  code?: string;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return { message: error.message, fix: error.fix, code: error.code };
  if (error instanceof Error) return { message: error.message, fix: "" };
  return { message: String(error), fix: "" };
}

type Query = Record<string, string | number | null | undefined>;

/** Called on 401, so that the console can ask for a sign-in from any page. */
export const onSignedOut: { handler: (() => void) | null } = { handler: null };

export function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

async function problemOf(response: Response): Promise<ApiError> {
  let body: Partial<ProblemBody> = {};
  try {
    body = (await response.json()) as Partial<ProblemBody>;
  } catch {
    // A proxy's HTML page, or nothing: the status alone must do.
  }
  return new ApiError(response.status, body);
}

interface Options {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

async function call(path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  const init: RequestInit = { method: options.method ?? "GET", headers };
  if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(options.body);
  }
  if (options.signal) init.signal = options.signal;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, {
      detail: "Matinee did not answer.",
      fix: "Check that `matinee up` is running and that you are online.",
      code: "offline",
    });
  }
  if (response.ok) return response;
  if (response.status === 401 && path !== "/session") onSignedOut.handler?.();
  throw await problemOf(response);
}

async function get<Body>(path: string, signal?: AbortSignal): Promise<Body> {
  return (await (await call(path, { signal })).json()) as Body;
}

async function send<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const response = await call(path, { method, body });
  return (await response.json()) as Body;
}

async function act(method: string, path: string): Promise<void> {
  await call(path, { method });
}

const id = encodeURIComponent;

export const catalog = {
  list: (query: { q?: string; cursor?: string | null; limit?: number }, signal?: AbortSignal) =>
    get<Page<CatalogItem>>(withQuery("/catalog", query), signal),
  get: (titleId: string, signal?: AbortSignal) => get<CatalogItem>(`/catalog/${id(titleId)}`, signal),
};

export const titles = {
  list: (query: { q?: string; state?: string; cursor?: string | null; limit?: number },
    signal?: AbortSignal) => get<Page<TitleBody>>(withQuery("/titles", query), signal),
  get: (titleId: string, signal?: AbortSignal) => get<TitleBody>(`/titles/${id(titleId)}`, signal),
  report: (titleId: string) => get<Report>(`/titles/${id(titleId)}/report`),
  mediaInfo: (titleId: string) => get<MediaInfo>(`/titles/${id(titleId)}/media-info`),
  ladder: (titleId: string) => get<LadderReport>(`/titles/${id(titleId)}/ladder`),
  update: (titleId: string, change: { name?: string; synopsis?: string }) =>
    send<TitleBody>("PATCH", `/titles/${id(titleId)}`, change),
  publish: (titleId: string) => act("POST", `/titles/${id(titleId)}/publish`),
  unpublish: (titleId: string) => act("POST", `/titles/${id(titleId)}/unpublish`),
  delete: (titleId: string) => act("DELETE", `/titles/${id(titleId)}`),
  create: async (body: CreateTitle, idempotencyKey: string): Promise<TitleBody> => {
    const headers = { "Idempotency-Key": idempotencyKey };
    const response = await call("/titles", { method: "POST", body, headers });
    return (await response.json()) as TitleBody;
  },
};

export const jobs = {
  list: (query: { title_id?: string; state?: string; cursor?: string | null; limit?: number },
    signal?: AbortSignal) => get<Page<ListedJob>>(withQuery("/jobs", query), signal),
  get: (jobId: string, signal?: AbortSignal) => get<Job>(`/jobs/${id(jobId)}`, signal),
  retry: (jobId: string) => act("POST", `/jobs/${id(jobId)}/retry`),
  cancel: (jobId: string) => act("POST", `/jobs/${id(jobId)}/cancel`),
};

export const ladders = { list: () => get<Page<Ladder>>("/ladders") };

export const webhooks = {
  list: () => get<Page<Webhook>>("/webhooks"),
  create: (url: string, events: string[]) => send<Webhook>("POST", "/webhooks", { url, events }),
  delete: (webhookId: string) => act("DELETE", `/webhooks/${id(webhookId)}`),
  ping: (webhookId: string) => act("POST", `/webhooks/${id(webhookId)}/ping`),
};

export const session = {
  get: () => get<Session>("/session"),
  signIn: (proof: { api_key: string } | { code: string }) =>
    send<Session>("POST", "/session", proof),
  signOut: () => act("DELETE", "/session"),
};

/**
 * A link as this page may load it. The server writes links with its public address; a page that
 * was opened under another name of the same server (localhost, a tunnel) must use that name, or
 * the browser takes the stream for a stranger's. Links to other origins, such as a CDN, stay.
 */
export function sameSite(link: string, ownLink: string, here: string): string {
  const target = new URL(link, here);
  if (target.origin !== new URL(ownLink, here).origin) return target.href;
  return `${new URL(here).origin}${target.pathname}${target.search}${target.hash}`;
}
