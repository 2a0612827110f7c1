/** A job as a story: its stages on a line, each with time, speed and, when it failed, the words. */

import { useEffect, useState } from "preact/hooks";
import type { Job, Problem, Progress, StageRecord } from "../api/types";
import { between, clock, instant, length, percent, speed } from "../kit/format";
import { Icon, type IconName } from "../kit/icons";
import { Bar, CopyButton, Words } from "../kit/ui";
import { ChunkStrip } from "./chunk-strip";
import { STAGE_WORDS, stageName, stateWord } from "./states";

const MARKS: Record<string, IconName | null> = {
  succeeded: "check", failed: "alert", cancelled: "close", running: null, waiting: null, skipped: null,
};

/** The present, once a second while something runs. */
function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** Clocks differ: a stage that has just begun never took a negative time. */
function stageTime(stage: StageRecord, now: number): string {
  if (!stage.started_at) return "";
  const seconds = Math.max(0, between(stage.started_at, stage.ended_at, now));
  return seconds < 10 && stage.ended_at ? `${seconds.toFixed(1)} s` : clock(seconds);
}

export function StageLine({ job }: { job: Job }) {
  const now = useNow(job.state === "running");
  return (
    <ol class="line">
      {(job.stages ?? []).map((stage) => {
        const state = stage.state ?? "waiting";
        const mark = MARKS[state];
        return (
          <li key={stage.stage} class={state} title={STAGE_WORDS[stage.stage]?.[1] ?? ""}>
            <span class="mark" aria-hidden="true">{mark && <Icon name={mark} />}</span>
            <span class="line-words">
              <strong>{stageName(stage.stage)}</strong>
              <span class="hidden-text">: {stateWord(state)}</span>
              <span class="num soft small">
                {state === "running" && stage.progress ? percent(stage.progress.fraction) : state === "skipped" ? "skipped" : stageTime(stage, now)}
                {stage.progress?.speed ? ` · ${speed(stage.progress.speed)}` : ""}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** The rungs' bars. Seconds done are held against the film's length, where that is known. */
export function Rungs({ progress, duration, state }: { progress: Progress; duration: number | null; state: string }) {
  const rungs = progress.rungs ?? [];
  const done = state === "succeeded";
  if (!rungs.length) return null;
  const furthest = Math.max(...rungs.map((one) => one.done ?? 0), 0.001);
  const total = duration ?? (progress.fraction > 0.01 ? furthest / progress.fraction : furthest);
  return (
    <table class="rungs">
      <caption class="hidden-text">Progress of each rung</caption>
      <thead>
        <tr><th scope="col">Rung</th><th scope="col" class="grow">Encoded</th><th scope="col" class="right">Film</th><th scope="col" class="right">Speed</th></tr>
      </thead>
      <tbody>
        {rungs.map((one) => (
          <tr key={one.name}>
            <th scope="row" class="mono">{one.name}</th>
            <td class="grow"><Bar fraction={done ? 1 : (one.done ?? 0) / total} label={one.name} tone={done ? "done" : state === "failed" ? "bad" : ""} /></td>
            <td class="right">{clock(done ? total : one.done ?? 0)}</td>
            <td class="right">{one.speed ? speed(one.speed) : "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The words that tell come last. */
function toEnd(log: HTMLElement | null): void {
  if (log) log.scrollTop = log.scrollHeight;
}

export function ProblemNotice({ problem }: { problem: Problem }) {
  return (
    <div class="notice bad problem">
      <strong><Words text={problem.message} /></strong>
      <span><Words text={problem.fix || "Retry goes on from the stages that are done. If it fails again, the words below say where."} /></span>
      <span class="soft small">Code <code>{problem.code}</code></span>
      {problem.log && (
        <details open>
          <summary>The last words of the program</summary>
          <div class="log">
            <pre tabIndex={0} role="group" aria-label="Log" ref={toEnd}>{problem.log}</pre>
            <CopyButton text={problem.log} what="log" />
          </div>
        </details>
      )}
    </div>
  );
}

export function JobStory({ job, duration }: { job: Job; duration: number | null }) {
  const now = useNow(job.state === "running");
  const running = job.stages?.find((one) => one.state === "running");
  const told = running ?? job.stages?.find((one) => one.stage === "transcode");
  const progress = told?.progress;
  const chunks = job.stages?.find((one) => one.stage === "transcode")?.progress?.chunks ?? [];
  const seconds = job.started_at ? Math.max(0, between(job.started_at, job.ended_at, now)) : null;
  return (
    <div class="story">
      <StageLine job={job} />
      <dl class="figures num">
        <div><dt>Time</dt><dd>{seconds === null ? "–" : clock(seconds)}</dd></div>
        {progress?.speed ? <div><dt title="A multiple of real time">Speed</dt><dd>{speed(progress.speed)}</dd></div> : null}
        {job.state === "running" && (
          <div><dt title="A forecast">Left in this stage</dt><dd>{progress?.remaining != null ? length(progress.remaining) : "–"}</dd></div>
        )}
        <div><dt>Attempt</dt><dd>{job.attempt ?? 1}</dd></div>
        <div><dt>Started</dt><dd>{job.started_at ? instant(job.started_at) : "Not yet"}</dd></div>
      </dl>
      {running?.progress && (
        <Bar fraction={running.progress.fraction} label={stageName(running.stage)} />
      )}
      {running?.progress?.detail && <p class="soft small mono">{running.progress.detail}</p>}
      {job.problem && (job.state === "cancelled"
        ? <p class="notice">Stopped by hand. Retry goes on from the stages that are done.</p>
        : <ProblemNotice problem={job.problem} />)}
      {chunks.length > 0 && <ChunkStrip chunks={chunks} />}
      {progress && <Rungs progress={progress} duration={duration} state={told?.state ?? "waiting"} />}
    </div>
  );
}
