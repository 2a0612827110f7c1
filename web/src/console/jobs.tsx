import { jobs, withQuery } from "../api/client";
import type { ListedJob } from "../api/types";
import { useEvents, usePageTitle } from "../kit/data";
import { ago, between, clock, instant } from "../kit/format";
import { query } from "../kit/router";
import { Bar, Command, FailureNotice } from "../kit/ui";
import { RowSkeletons, StateFilter, usePages } from "./lists";
import { ApiLink } from "./shell";
import { JOB_STATES, State, jobFraction, jobLine } from "./states";

function Row({ job }: { job: ListedJob }) {
  const name = job.title_name || job.title_id;
  const busy = job.state === "running" || job.state === "queued";
  return (
    <li>
      <a class="job-row" href={`/console/jobs/${encodeURIComponent(job.id)}`}>
        <span class="title-name">
          <strong>{name}</strong>
          <span class="soft small mono">{job.id}</span>
        </span>
        <span class="title-state">
          <State of={job.state} />
          {busy ? (
            <>
              <Bar fraction={jobFraction(job)} label={`Progress of ${name}`} />
              <span class="soft small num">{jobLine(job)}</span>
            </>
          ) : job.problem && job.state === "failed" ? (
            <span class="small title-problem">{job.problem.message}</span>
          ) : null}
        </span>
        <span class="num soft">{(job.attempt ?? 1) > 1 ? `attempt ${job.attempt}` : ""}</span>
        <span class="num soft">{job.started_at ? clock(between(job.started_at, job.ended_at)) : "–"}</span>
        <time class="soft num" dateTime={job.created_at} title={instant(job.created_at)}>{ago(job.created_at)}</time>
      </a>
    </li>
  );
}

export function JobsPage() {
  usePageTitle("Jobs · Matinee console");
  const state = query.value.get("state") ?? "";
  const titleId = query.value.get("title_id") ?? "";
  const filter = { state, title_id: titleId };
  const { value, failure, reload, more } = usePages(`jobs:${state}:${titleId}`, (cursor, signal) =>
    jobs.list({ ...filter, cursor, limit: 50 }, signal),
  );
  useEvents((event) => event.job_id != null, reload, 1_000);
  return (
    <>
      <div class="head"><h1>Jobs</h1></div>
      <div class="tools">
        <StateFilter states={JOB_STATES} name="State" />
        {titleId && <a class="button" href="/console/jobs">Jobs of all titles</a>}
      </div>
      {failure && <FailureNotice failure={failure} retry={reload} />}
      {!value && !failure && <RowSkeletons />}
      {value && value.items.length === 0 && (
        <div class="empty-state">
          <h2>No jobs{state ? " in this state" : " yet"}</h2>
          <p class="soft">A job runs whenever a film is published.</p>
          <Command text="matinee publish film.mp4" />
        </div>
      )}
      {value && value.items.length > 0 && (
        <>
          <div class="job-row job-head" aria-hidden="true">
            <span>Title</span><span>State</span><span /><span>Took</span><span>Queued</span>
          </div>
          <ul class="rows">
            {value.items.map((job) => <Row job={job} key={job.id} />)}
          </ul>
          {value.more && <button type="button" class="button" onClick={more}>Show more</button>}
        </>
      )}
      <ApiLink path={withQuery("/jobs", filter)} />
    </>
  );
}
