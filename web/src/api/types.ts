/** The bodies of the REST API, as src/matinee/apps/api/schema.py and src/matinee/model/ define them. */

export type TitleState = "processing" | "live" | "unpublished" | "failed" | "cancelled";
export type JobState = "queued" | "running" | "succeeded" | "failed" | "cancelled";
export type StageState = "waiting" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";
export type Severity = "error" | "warning" | "info";

/** RFC 9457 problem details with our extension members. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  fix?: string;
  instance?: string;
  errors?: string[];
}

export interface Problem {
  code: string;
  message: string;
  fix?: string;
  log?: string;
}

export interface RungProgress {
  name: string;
  /** Seconds of film done. */
  done?: number;
  speed?: number | null;
}

export type ChunkState = "waiting" | "running" | "done" | "failed";

/** One stretch of a film that is encoded on its own. Times in seconds of film. */
export interface ChunkProgress {
  number: number;
  /** Whose rungs it is of: "h264", "hevc" or "av1". */
  codec?: string;
  start: number;
  duration: number;
  state?: ChunkState;
  /** 0 to 1. */
  fraction?: number;
  /** Who has it or made it. */
  worker?: string;
  /** How often it was begun. */
  attempts?: number;
}

export interface Progress {
  stage: string;
  /** 0 to 1. */
  fraction: number;
  speed?: number | null;
  /** Seconds, a forecast. */
  remaining?: number | null;
  rungs?: RungProgress[];
  /** Of a transcode in chunks: every stretch of the film, in order. */
  chunks?: ChunkProgress[];
  detail?: string;
}

export interface StageRecord {
  stage: string;
  state?: StageState;
  started_at?: string | null;
  ended_at?: string | null;
  progress?: Progress | null;
  problem?: Problem | null;
}

export interface Job {
  id: string;
  title_id: string;
  state: JobState;
  attempt?: number;
  stages?: StageRecord[];
  problem?: Problem | null;
  created_at: string;
  started_at?: string | null;
  ended_at?: string | null;
}

/** A job as lists show it. */
export interface ListedJob extends Job {
  /** "" where the title was deleted meanwhile. */
  title_name: string;
}

export interface SideCar {
  key: string;
  filename: string;
  language: string;
}

export interface Source {
  filename: string;
  key?: string | null;
  url?: string | null;
  subtitles?: SideCar[];
}

export interface RungSummary {
  name: string;
  codec: string;
  width: number;
  height: number;
  frame_rate: number;
  bandwidth: number;
  average_bandwidth: number;
  size: number;
}

export interface Title {
  id: string;
  name: string;
  synopsis?: string;
  state: TitleState;
  version?: number | null;
  source: Source;
  ladder?: string;
  duration?: number | null;
  width?: number | null;
  height?: number | null;
  audio_languages?: string[];
  text_languages?: string[];
  rungs?: RungSummary[];
  problem?: Problem | null;
  created_at: string;
  updated_at: string;
  published_at?: string | null;
}

export interface Links {
  watch: string;
  console: string;
  hls?: string | null;
  dash?: string | null;
  poster?: string | null;
  thumbnails?: string | null;
  chapters?: string | null;
}

export interface TitleBody {
  title: Title;
  links: Links;
  job?: Job | null;
}

export interface CatalogItem {
  id: string;
  /** The one on the air; a later one takes its place under the same URLs. */
  version: number;
  /** A later version is being made. */
  upcoming: boolean;
  name: string;
  synopsis: string;
  duration: number;
  width: number | null;
  height: number | null;
  audio_languages: string[];
  text_languages: string[];
  rungs: RungSummary[];
  published_at: string;
  links: Links;
}

export interface Page<Item> {
  items: Item[];
  next_cursor?: string | null;
}

export interface Finding {
  rule: string;
  severity: Severity;
  place: string;
  message: string;
  section: string;
}

export interface Report {
  target: string;
  findings?: Finding[];
  checked?: Record<string, number>;
  seconds?: number;
}

export interface Ratio {
  numerator: number;
  denominator?: number;
}

export interface Colour {
  primaries?: string | null;
  transfer?: string | null;
  matrix?: string | null;
  bit_depth?: number;
  chroma?: string;
  video_range?: string;
}

export interface VideoTrackInfo {
  index: number;
  codec: string;
  profile?: string | null;
  width: number;
  height: number;
  rotation?: number;
  sample_aspect_ratio?: Ratio;
  frame_rate: Ratio;
  variable_frame_rate?: boolean;
  field_order?: string;
  colour?: Colour;
  bit_rate?: number | null;
}

export interface AudioTrackInfo {
  index: number;
  codec: string;
  profile?: string | null;
  sample_rate: number;
  channels: number;
  channel_layout?: string | null;
  language?: string | null;
  label?: string | null;
  bit_rate?: number | null;
}

export interface TextTrackInfo {
  index: number;
  codec: string;
  language?: string | null;
  label?: string | null;
  forced?: boolean;
  hearing_impaired?: boolean;
  bitmap?: boolean;
}

export interface MediaInfo {
  container: string;
  duration: number;
  size: number;
  bit_rate: number;
  video?: VideoTrackInfo[];
  audio?: AudioTrackInfo[];
  text?: TextTrackInfo[];
  chapters?: { start: number; end: number; title: string }[];
  tags?: Record<string, string>;
  warnings?: string[];
}

/** One way to encode the film, and what it costs and gives: bits a second, VMAF 0 to 100. */
export interface MeasuredPoint {
  height: number;
  crf: number;
  rate: number;
  vmaf: number;
  on_hull?: boolean;
}

export interface RungPoint {
  name: string;
  height: number;
  crf?: number | null;
  max_rate: number;
  rate: number;
  vmaf: number;
}

/** `ladder.json`; fields may be added to it. Times in seconds, costs in CPU seconds. */
export interface LadderReport {
  format?: number;
  /** The search's cost over that of the encode. */
  search_share?: number | null;
  chosen: {
    /** Best first. */
    rungs?: RungPoint[];
    /** Every measured point. */
    hull?: MeasuredPoint[];
    fixed?: RungPoint[];
    samples?: { start: number; seconds: number; bits: number }[];
    /** Width and height at which pictures were compared. */
    reference?: [number, number] | null;
    search_cpu_seconds?: number;
    encode_cpu_seconds?: number;
    /** Percent of bits against the fixed ladder at equal VMAF; negative is fewer. */
    saving?: number | null;
    notes?: string[];
  };
}

export interface CreateTitle {
  name?: string;
  synopsis?: string;
  upload_id?: string;
  url?: string;
  ladder?: string;
  subtitles?: { upload_id: string; language: string }[];
}

export interface Ladder {
  name: string;
  description: string;
  toml: string;
}

export interface Webhook {
  id: string;
  url: string;
  events: string[];
  created_at: string;
  secret?: string | null;
  last_status?: number | null;
  last_attempt_at?: string | null;
}

export interface Session {
  name: string;
  role: string;
}

export interface MatineeEvent {
  id: number;
  at: string;
  type: string;
  title_id?: string | null;
  job_id?: string | null;
  data?: Record<string, unknown>;
}

export const EVENT_TYPES = [
  "title.created",
  "title.updated",
  "title.published",
  "title.unpublished",
  "title.failed",
  "title.deleted",
  "job.started",
  "job.stage",
  "job.progress",
  "job.succeeded",
  "job.failed",
  "job.cancelled",
] as const;
