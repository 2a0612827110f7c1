// A stand-in for `matinee up` while the pages are drawn: real media, invented titles, a job that moves.
// Usage: node web/dev/mock-server.mjs MEDIA_FOLDER [PORT]   (make the folder with mock_media.py)
import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const media = process.argv[2];
const port = Number(process.argv[3] ?? 8090);
const pages = fileURLToPath(new URL("../../src/matinee/apps/web_dist/", import.meta.url));
const base = `http://127.0.0.1:${port}`;
const posters = readdirSync(media).filter((name) => name.startsWith("poster-"));
const started = Date.now();
const when = (minutes) => new Date(started - minutes * 60_000).toISOString();
const names = ["Big Buck Bunny", "The Orchard at Noon", "Northern Line", "A Butterfly's Errand", "Three Small Villains",
  "What the Burrow Knew", "Apples, Mostly", "The Long Meadow", "Slingshot Season", "Under the Old Oak", "Feathers", "An Ordinary Morning"];
const synopsis = "A giant rabbit with a heart bigger than himself meets three bullying rodents one fine morning, and sets out, in true cartoon tradition, to teach them a lesson.";
const rung = (name, width, height, bandwidth) => ({ name, codec: "avc1.64001f", width, height, frame_rate: 24,
  bandwidth, average_bandwidth: Math.round(bandwidth * 0.78), size: Math.round(bandwidth * 0.78 * 7.5) });
const rungs = [rung("480p", 854, 480, 1_513_958), rung("360p", 640, 360, 940_910), rung("240p", 426, 240, 476_718)];
const stages = ["ingest", "transcode", "text", "images", "package", "verify", "publish"];
const links = (id, live) => ({ watch: `${base}/watch/${id}`, console: `${base}/console/titles/${id}`,
  ...(live ? { hls: `${base}/media/${id}/master.m3u8`, dash: `${base}/media/${id}/manifest.mpd`,
    poster: `${base}/media/${id}/${posters[Number(id.slice(-2)) % posters.length]}`,
    thumbnails: `${base}/media/${id}/thumbnails.vtt`, chapters: `${base}/media/${id}/chapters.vtt` } : {}) });

function job(id, titleId, state, age) {
  const now = (Date.now() - started) / 1000;
  const fraction = state === "running" ? (now % 60) / 60 : state === "failed" ? 0.31 : 1;
  const records = stages.map((stage, index) => {
    const at = { stage, started_at: when(age - index * 0.4), ended_at: when(age - index * 0.4 - 0.3), state: "succeeded" };
    if (state === "queued") return { stage, state: "waiting" };
    if (state === "succeeded" && index !== 1) return at;
    if (index === 0) return at;
    if (index > 1) return { stage, state: "waiting" };
    return { ...at, state, started_at: state === "running" ? new Date(Date.now() - fraction * 60_000).toISOString() : at.started_at,
      ended_at: state === "running" ? null : at.ended_at,
      progress: { stage, fraction, speed: 3.4, remaining: state === "running" ? (1 - fraction) * 60 : null, detail: "",
        rungs: rungs.map((one, n) => ({ name: one.name, done: Math.min(60, fraction * 60 + n), speed: 3.4 + n * 1.7 })) },
      problem: state === "failed" ? problem : null };
  });
  return { id, title_id: titleId, state, attempt: state === "failed" ? 2 : 1, stages: records, created_at: when(age + 1),
    started_at: state === "queued" ? null : when(age), ended_at: ["running", "queued"].includes(state) ? null : when(age - 3),
    problem: state === "failed" ? problem : null };
}
const problem = { code: "damaged", message: "The video is damaged at 0:18 and cannot be decoded past it.",
  fix: "Export the film again from its source, or publish the part before 0:18.",
  log: "[h264 @ 0x55d0] error while decoding MB 61 22, bytestream -9\n[h264 @ 0x55d0] concealing 1203 DC, 1203 AC, 1203 MV errors in P frame\nError while decoding stream #0:0: Invalid data found when processing input" };

const states = names.map((_, index) => (index === 1 ? "processing" : index === 4 ? "failed" : index === 6 ? "unpublished" : "live"));
let all = names.map((name, index) => {
  const id = `ttl_0m9x4kq2f7${String(index).padStart(2, "0")}`;
  const state = states[index];
  const shown = state === "live" || state === "unpublished";
  return { id, name, synopsis: index % 3 === 0 ? synopsis : "", state, version: shown ? 1 : null,
    source: { filename: `${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}.mp4`, key: `uploads/${id}` }, ladder: "standard",
    duration: shown ? 60 : null, width: shown ? 1280 : null, height: shown ? 720 : null, audio_languages: shown ? ["en", "sv"] : [],
    text_languages: shown ? ["en", "sv"] : [], rungs: shown ? rungs : [], problem: state === "failed" ? problem : null,
    created_at: when(index * 190 + 4), updated_at: when(index * 190), published_at: shown ? when(index * 190) : null };
});
const jobState = { live: "succeeded", processing: "running", failed: "failed", unpublished: "succeeded" };
const jobOf = (title, index) => job(`job_${title.id.slice(4)}`, title.id, jobState[title.state] ?? "queued", index * 190 + 3);
const body = (title, index) => ({ title, links: links(title.id, title.state === "live"), job: jobOf(title, index) });
const item = (title) => ({ id: title.id, version: 1, upcoming: false, name: title.name, synopsis: title.synopsis, duration: 60, width: 1280, height: 720,
  audio_languages: title.audio_languages, text_languages: title.text_languages, rungs, published_at: title.published_at, links: links(title.id, true) });
const report = { target: "titles/v1", seconds: 1.84, checked: { playlists: 8, segments: 105, tracks: 7, rules: 61 }, findings: [
  { rule: "hls.bandwidth-average", severity: "warning", place: "video-h264-480p.m3u8", message: "AVERAGE-BANDWIDTH is 8.2 % above the measured average.", section: "RFC 8216bis §4.4.6.2" },
  { rule: "dash.thumbnail-size", severity: "info", place: "manifest.mpd, AdaptationSet 5", message: "Thumbnails are larger than the guideline asks for.", section: "DASH-IF IOP 4.3 §6.2.6" }] };
const info = { container: "mp4", duration: 60, size: 52_428_800, bit_rate: 6_990_506, video: [{ index: 0, codec: "h264", profile: "High", width: 1280, height: 720, rotation: 0,
  frame_rate: { numerator: 24000, denominator: 1001 }, field_order: "progressive", colour: { primaries: "bt709", transfer: "bt709", matrix: "bt709", bit_depth: 8, chroma: "4:2:0", video_range: "SDR" }, bit_rate: 6_800_000 }],
  audio: [{ index: 1, codec: "aac", sample_rate: 48000, channels: 2, channel_layout: "stereo", language: "en", bit_rate: 128000 }],
  text: [{ index: 2, codec: "mov_text", language: "sv", forced: false, hearing_impaired: true }],
  chapters: [{ start: 0, end: 14, title: "The burrow" }], tags: { title: "Big Buck Bunny", artist: "Blender Foundation" }, warnings: ["The audio starts 21 ms after the video."] };
const ladders = ["standard", "mobile", "copy"].map((name) => ({ name, description: { standard: "H.264 from 1080p to 234p, capped at the source.", mobile: "Up to 720p at low rates.", copy: "The source's own tracks, repackaged." }[name],
  toml: `name = "${name}"\npreset = "veryfast"\ngop_seconds = 2.0\nsegment_seconds = 4.0\n\n[[video]]\nname = "720p"\nheight = 720\nmax_rate = 3_000_000\ncrf = 22\n\n[[video]]\nname = "360p"\nheight = 360\nmax_rate = 900_000\n` }));
let hooks = [{ id: "hook_01", url: "https://example.com/hooks/matinee", events: ["title.published", "title.failed"], created_at: when(5000), last_status: 200, last_attempt_at: when(12) },
  { id: "hook_02", url: "https://example.com/old", events: [], created_at: when(9000), last_status: 500, last_attempt_at: when(12) }];
const uploads = new Map();
let signedIn = true;

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json", ".mpd": "application/dash+xml", ".m3u8": "application/vnd.apple.mpegurl", ".mp4": "video/mp4",
  ".m4s": "video/iso.segment", ".vtt": "text/vtt", ".jpg": "image/jpeg" };
const CSP = "default-src 'self'; media-src 'self' blob:; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

function file(request, response, path) {
  if (!existsSync(path) || !statSync(path).isFile()) return problemOf(response, 404, "No such file.");
  const size = statSync(path).size;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const headers = { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream", "Accept-Ranges": "bytes" };
  if (path.endsWith(".html")) headers["Content-Security-Policy"] = CSP;
  if (!range) {
    response.writeHead(200, { ...headers, "Content-Length": size });
    return createReadStream(path).pipe(response);
  }
  const [start, end] = [Number(range[1]), Math.min(size - 1, range[2] ? Number(range[2]) : size - 1)];
  response.writeHead(206, { ...headers, "Content-Range": `bytes ${start}-${end}/${size}`, "Content-Length": end - start + 1 });
  return createReadStream(path, { start, end }).pipe(response);
}
function json(response, value, status = 200) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}
function problemOf(response, status, detail, fix = "") {
  response.writeHead(status, { "Content-Type": "application/problem+json" });
  response.end(JSON.stringify({ type: "urn:matinee:problem:x", title: "Problem", status, detail, code: "x", fix }));
}
const read = async (request) => { const parts = []; for await (const part of request) parts.push(part); return Buffer.concat(parts); };

async function api(request, response, path, query) {
  const [kind, id, verb] = path.split("/").slice(3);
  const matching = (list) => list.filter((one) => one.name.toLowerCase().includes((query.get("q") ?? "").toLowerCase()));
  if (kind === "catalog") {
    const shown = matching(all.filter((one) => one.state === "live"));
    if (!id) return json(response, { items: shown.map(item) });
    const found = all.find((one) => one.id === id && one.state === "live");
    return found ? json(response, item(found)) : problemOf(response, 404, "There is no such title.");
  }
  if (kind === "session") {
    if (request.method === "GET") return signedIn ? json(response, { name: "admin", role: "admin" }) : problemOf(response, 401, "Nobody is signed in.");
    if (request.method === "DELETE") { signedIn = false; response.writeHead(204); return response.end(); }
    const proof = JSON.parse(await read(request));
    if (proof.api_key === "wrong") return problemOf(response, 401, "That API key is not known.", "Copy the key that `matinee up` wrote on its first start.");
    signedIn = true;
    return json(response, { name: "admin", role: "admin" });
  }
  if (!signedIn) return problemOf(response, 401, "Sign in first.");
  if (kind === "titles" && request.method === "POST" && !id) {
    const wanted = JSON.parse(await read(request));
    const made = { ...all[1], id: `ttl_new${Date.now()}01`, name: wanted.name ?? "Untitled", state: "processing", created_at: new Date().toISOString() };
    all = [made, ...all];
    return json(response, body(made, 0), 201);
  }
  if (kind === "titles" && !id) {
    const shown = matching(all).filter((one) => !query.get("state") || one.state === query.get("state"));
    return json(response, { items: shown.map((one) => body(one, all.indexOf(one))) });
  }
  if (kind === "titles") {
    const found = all.find((one) => one.id === id);
    if (!found) return problemOf(response, 404, "There is no such title.");
    if (verb === "report") return found.version ? json(response, report) : problemOf(response, 404, "No report yet.");
    if (verb === "media-info") return json(response, info);
    if (request.method === "PATCH") Object.assign(found, JSON.parse(await read(request)));
    if (request.method === "DELETE") { all = all.filter((one) => one !== found); response.writeHead(204); return response.end(); }
    if (verb === "publish") found.state = "live";
    if (verb === "unpublish") found.state = "unpublished";
    return json(response, body(found, all.indexOf(found)));
  }
  if (kind === "jobs") {
    const jobs = all.map(jobOf).filter((one) => (!query.get("state") || one.state === query.get("state")) && (!query.get("title_id") || one.title_id === query.get("title_id")));
    if (!id) return json(response, { items: jobs });
    const found = jobs.find((one) => one.id === id);
    return found ? json(response, found) : problemOf(response, 404, "There is no such job.");
  }
  if (kind === "ladders") return json(response, { items: ladders });
  if (kind === "webhooks") {
    if (request.method === "POST" && !id) {
      const made = { ...JSON.parse(await read(request)), id: `hook_${Date.now()}`, created_at: new Date().toISOString(), secret: "whsec_9f2c51d0b7e84a6f" };
      hooks = [...hooks, { ...made, secret: null }];
      return json(response, made, 201);
    }
    if (request.method === "DELETE") { hooks = hooks.filter((one) => one.id !== id); response.writeHead(204); return response.end(); }
    if (verb === "ping") { response.writeHead(202); return response.end(); }
    return json(response, { items: hooks });
  }
  if (kind === "uploads") {
    const headers = { "Tus-Resumable": "1.0.0" };
    if (request.method === "POST") {
      const made = `up_${uploads.size + 1}`;
      uploads.set(made, 0);
      response.writeHead(201, { ...headers, Location: `/api/v1/uploads/${made}` });
      return response.end();
    }
    const data = await read(request);
    uploads.set(id, (uploads.get(id) ?? 0) + data.length);
    response.writeHead(request.method === "PATCH" ? 204 : 200, { ...headers, "Upload-Offset": uploads.get(id) });
    return response.end();
  }
  if (kind === "events") {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    let count = 0;
    const timer = setInterval(() => {
      const running = all.find((one) => one.state === "processing");
      if (running) response.write(`id: ${++count}\nevent: job.progress\ndata: ${JSON.stringify({ id: count, at: new Date().toISOString(), type: "job.progress", title_id: running.id, job_id: `job_${running.id.slice(4)}`, data: {} })}\n\n`);
    }, 1000);
    return request.on("close", () => clearInterval(timer));
  }
  return problemOf(response, 404, "There is no such thing.");
}

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, base);
  const path = normalize(decodeURIComponent(pathname));
  if (path.startsWith("/api/v1/")) return void api(request, response, path, searchParams);
  if (path.startsWith("/media/")) return void file(request, response, join(media, ...path.split("/").slice(3)));
  if (extname(path) && !path.endsWith(".html")) return void file(request, response, join(pages, path));
  return void file(request, response, join(pages, path.startsWith("/console") ? "console.html" : "index.html"));
}).listen(port, "127.0.0.1", () => process.stdout.write(`${base}\n${readFileSync(join(pages, "index.html"), "utf8").length} bytes of index.html\n`));
