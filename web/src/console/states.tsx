/** States of titles, jobs and stages, each as a word and a shape. */

import type { Job, StageRecord, TitleBody } from "../api/types";
import { length, percent } from "../kit/format";

const LOOKS: Record<string, [string, string]> = {
  live: ["live", "Live"],
  processing: ["busy", "Processing"],
  unpublished: ["idle", "Unpublished"],
  failed: ["bad", "Failed"],
  cancelled: ["idle", "Cancelled"],
  queued: ["idle", "Queued"],
  running: ["busy", "Running"],
  succeeded: ["good", "Succeeded"],
  waiting: ["idle", "Waiting"],
  skipped: ["idle", "Skipped"],
};

export const TITLE_STATES = ["live", "processing", "failed", "unpublished", "cancelled"] as const;
export const JOB_STATES = ["running", "queued", "succeeded", "failed", "cancelled"] as const;

export function stateWord(state: string): string {
  return LOOKS[state]?.[1] ?? state;
}

export function State({ of }: { of: string }) {
  return <span class={`status ${LOOKS[of]?.[0] ?? "idle"}`}>{stateWord(of)}</span>;
}

/** What each stage does, for the hover. */
export const STAGE_WORDS: Record<string, [string, string]> = {
  upload: ["Upload", "Receive the file"],
  ingest: ["Ingest", "Probe the source and check that it can be published"],
  instant: ["Instant", "Put the film on the air before its ladder: as it is, or as a quick rung that grows"],
  transcode: ["Transcode", "Encode every rung of the ladder from one decode"],
  text: ["Text", "Turn subtitles into WebVTT"],
  images: ["Images", "Draw the poster and the seek-bar thumbnails"],
  package: ["Package", "Write one CMAF file per track and render HLS and DASH"],
  verify: ["Verify", "Check HLS, DASH and CMAF rules before viewers see anything"],
  publish: ["Publish", "Move the title's pointer to the new version"],
};

export function stageName(stage: string): string {
  return STAGE_WORDS[stage]?.[0] ?? stage;
}

export function runningStage(job: Job | null | undefined): StageRecord | null {
  return job?.stages?.find((one) => one.state === "running") ?? null;
}

/** How far a whole job is, weighing stages by what they usually take. */
const WEIGHTS: Record<string, number> = {
  ingest: 0.02, instant: 0.02, transcode: 0.8, text: 0.01, images: 0.07, package: 0.05, verify: 0.04, publish: 0.01,
};

export function jobFraction(job: Job): number {
  let done = 0;
  let total = 0;
  for (const stage of job.stages ?? []) {
    const weight = WEIGHTS[stage.stage] ?? 0.02;
    total += weight;
    if (stage.state === "succeeded" || stage.state === "skipped") done += weight;
    else if (stage.state === "running") done += weight * (stage.progress?.fraction ?? 0);
  }
  return total ? done / total : 0;
}

/** One line on a job under way: `Transcode 42 % · 35 s left`. */
export function jobLine(job: Job | null | undefined): string {
  const stage = runningStage(job);
  if (!stage) return job?.state === "queued" ? "Waiting for a worker" : "";
  const { fraction, remaining } = stage.progress ?? {};
  const parts = [stageName(stage.stage), fraction === undefined ? "" : percent(fraction)].filter(Boolean).join(" ");
  return remaining ? `${parts} · ${length(remaining)} left` : parts;
}

export function isBusy(body: TitleBody): boolean {
  return body.job?.state === "running" || body.job?.state === "queued";
}
