import { useState } from "preact/hooks";
import { type Failure, failureOf, jobs, titles } from "../api/client";
import { useEvents, useLoad, usePageTitle } from "../kit/data";
import { Icon } from "../kit/icons";
import { CopyButton, FailureNotice, toast } from "../kit/ui";
import { RowSkeletons } from "./lists";
import { ApiLink, NotShown } from "./shell";
import { State } from "./states";
import { JobStory } from "./story";

export function JobPage({ jobId }: { jobId: string }) {
  const { value, failure, reload } = useLoad(`job:${jobId}`, async (signal) => {
    const job = await jobs.get(jobId, signal);
    const body = await titles.get(job.title_id, signal).catch(() => null);
    return { job, body };
  });
  const [refused, setRefused] = useState<Failure | null>(null);
  useEvents((event) => event.job_id === jobId || event.title_id === value?.job.title_id, reload, 600);
  const name = value?.body?.title.name ?? value?.job.title_id ?? "";
  usePageTitle(name ? `${name} · job · Matinee console` : "Job · Matinee console");
  const act = (work: Promise<void>, said: string) => {
    setRefused(null);
    work.then(
      () => {
        toast(said);
        reload();
      },
      (error: unknown) => setRefused(failureOf(error)),
    );
  };
  if (failure && !value) return <NotShown what="job" failure={failure} retry={reload} back={["/console/jobs", "Jobs"]} />;
  if (!value) return <RowSkeletons />;
  const { job, body } = value;
  const stoppable = job.state === "running" || job.state === "queued";
  const retryable = job.state === "failed" || job.state === "cancelled";
  return (
    <>
      <nav class="crumbs" aria-label="Where you are">
        <a href="/console/jobs">Jobs</a>
        <a href={`/console/titles/${encodeURIComponent(job.title_id)}`}>{name}</a>
      </nav>
      <div class="head">
        <div>
          <h1>Publish {name}</h1>
          <p class="id-line"><State of={job.state} /> <code>{job.id}</code> <CopyButton text={job.id} what="job id" /></p>
        </div>
        <div class="head-actions">
          {body?.title.state === "live" && (
            <a class={retryable ? "button" : "button primary"} href={`/watch/${encodeURIComponent(job.title_id)}`} target="_blank" rel="noreferrer"><Icon name="play" /> Watch</a>
          )}
          {retryable && (
            <button type="button" class="button primary" onClick={() => act(jobs.retry(jobId), "Trying again from where it failed")}>
              <Icon name="replay" /> Retry
            </button>
          )}
          {stoppable && (
            <button type="button" class="button danger" onClick={() => act(jobs.cancel(jobId), "Stopping the job")}>Cancel job</button>
          )}
        </div>
      </div>
      {refused && <FailureNotice failure={refused} />}
      {failure && <FailureNotice failure={failure} retry={reload} />}
      <JobStory job={job} duration={body?.title.duration ?? null} />
      <ApiLink path={`/jobs/${job.id}`} />
    </>
  );
}
