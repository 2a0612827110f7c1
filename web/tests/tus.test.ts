import { expect, test } from "vitest";
import { type Memory, type TusRequest, type TusResponse, type UploadFile, UploadError, encodeMetadata, upload, uploadId } from "../src/api/tus";

const ENDPOINT = "/api/v1/uploads";

function film(text = "0123456789abcdef"): UploadFile {
  return Object.assign(new Blob([text]), { name: "film.mp4", lastModified: 1 });
}

function answer(status: number, headers: Record<string, string> = {}, text = ""): TusResponse {
  return { status, text, header: (name) => headers[name] ?? null };
}

class Shelf implements Memory {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

/** A server after the protocol's text, with faults to order. */
class Server {
  readonly stored = new Map<string, string>();
  readonly log: string[] = [];
  faults: ((request: TusRequest) => TusResponse | null)[] = [];

  transport = async (request: TusRequest): Promise<TusResponse> => {
    expect(request.headers["Tus-Resumable"]).toBe("1.0.0");
    this.log.push(request.method);
    const fault = this.faults[0]?.(request);
    if (fault) {
      this.faults.shift();
      if (fault.status === 0) throw new UploadError("lost", 0);
      return fault;
    }
    if (request.method === "POST") {
      const url = `${ENDPOINT}/u${this.stored.size + 1}`;
      this.stored.set(url, "");
      return answer(201, { Location: url });
    }
    const stored = this.stored.get(request.url);
    if (stored === undefined) return answer(404);
    if (request.method === "HEAD") return answer(200, { "Upload-Offset": String(stored.length) });
    expect(request.headers["Content-Type"]).toBe("application/offset+octet-stream");
    if (Number(request.headers["Upload-Offset"]) !== stored.length) return answer(409);
    const now = stored + (await (request.body ?? new Blob()).text());
    this.stored.set(request.url, now);
    return answer(204, { "Upload-Offset": String(now.length) });
  };
}

function options(server: Server, more: object = {}) {
  return { endpoint: ENDPOINT, metadata: { filename: "film.mp4" }, transport: server.transport, chunkSize: 5, pause: async () => undefined, ...more };
}

test("a file arrives whole, in chunks, and the id is the address's end", async () => {
  const server = new Server();
  const seen: number[] = [];
  const id = await upload(film(), options(server, { onProgress: (sent: number) => seen.push(sent) }));
  expect(id).toBe("u1");
  expect(server.stored.get(`${ENDPOINT}/u1`)).toBe("0123456789abcdef");
  expect(server.log).toEqual(["POST", "PATCH", "PATCH", "PATCH", "PATCH"]);
  expect(seen.at(-1)).toBe(16);
});

test("an empty file needs no chunk", async () => {
  const server = new Server();
  expect(await upload(film(""), options(server))).toBe("u1");
  expect(server.log).toEqual(["POST"]);
});

test("a lost connection goes on from what the server has", async () => {
  const server = new Server();
  const half = (request: TusRequest) => {
    if (request.method !== "PATCH" || request.headers["Upload-Offset"] !== "5") return null;
    server.stored.set(request.url, "01234567"); // some bytes arrived before the line broke
    return answer(0);
  };
  server.faults = [half];
  const pauses: number[] = [];
  await upload(film(), options(server, { onRetry: (_: number, pause: number) => pauses.push(pause) }));
  expect(server.stored.get(`${ENDPOINT}/u1`)).toBe("0123456789abcdef");
  expect(pauses).toEqual([500]);
});

test.each([500, 503, 423, 409, 429])("answer %d is tried again", async (status) => {
  const server = new Server();
  server.faults = [(request) => (request.method === "PATCH" ? answer(status) : null)];
  await upload(film(), options(server));
  expect(server.stored.get(`${ENDPOINT}/u1`)).toBe("0123456789abcdef");
});

test("a refusal ends it, in the server's words", async () => {
  const server = new Server();
  server.faults = [() => answer(413, {}, '{"detail":"The film is larger than 50 GB."}')];
  await expect(upload(film(), options(server))).rejects.toMatchObject({ name: "UploadError", status: 413, message: "The film is larger than 50 GB." });
  expect(server.log).toEqual(["POST"]);
});

test("a server that stays away is given up after the last pause", async () => {
  const server = new Server();
  server.faults = Array.from({ length: 50 }, () => () => answer(0));
  await expect(upload(film(), options(server))).rejects.toMatchObject({ status: 0 });
  expect(server.log).toHaveLength(8);
});

test("a page that was reloaded resumes, and forgets once all has arrived", async () => {
  const server = new Server();
  const memory = new Shelf();
  const stopping = new AbortController();
  const first = upload(film(), options(server, {
    memory, signal: stopping.signal,
    onProgress: (sent: number) => { if (sent >= 10) stopping.abort(new Error("closed")); },
  }));
  await expect(first).rejects.toThrow("closed");
  expect(memory.kept.size).toBe(1);
  expect(await upload(film(), options(server, { memory }))).toBe("u1");
  expect(server.log.filter((one) => one === "POST")).toHaveLength(1);
  expect(server.log).toContain("HEAD");
  expect(server.stored.get(`${ENDPOINT}/u1`)).toBe("0123456789abcdef");
  expect(memory.kept.size).toBe(0);
});

test("an upload the server has dropped starts again", async () => {
  const server = new Server();
  const memory = new Shelf();
  memory.setItem(`matinee.upload:${ENDPOINT}:film.mp4:16:1`, `${ENDPOINT}/gone`);
  expect(await upload(film(), options(server, { memory }))).toBe("u1");
  expect(server.log.slice(0, 2)).toEqual(["HEAD", "POST"]);
});

test("metadata is base64 of UTF-8", () => {
  expect(encodeMetadata({ filename: "två.mp4", filetype: "video/mp4" })).toBe("filename dHbDpS5tcDQ=,filetype dmlkZW8vbXA0");
});

test("upload ids", () => {
  expect(uploadId("http://h/api/v1/uploads/up_1?x=1")).toBe("up_1");
  expect(uploadId("/api/v1/uploads/up%2F1/")).toBe("up/1");
});
