import { useState } from "preact/hooks";
import { ApiError, type Failure, failureOf, titles } from "../api/client";
import type { Links, TitleBody } from "../api/types";
import { useEvents, useLoad, usePageTitle } from "../kit/data";
import { ago, instant } from "../kit/format";
import { Icon } from "../kit/icons";
import { go } from "../kit/router";
import { CopyButton, Dialog, FailureNotice, Poster, toast } from "../kit/ui";
import { Languages, RungTable, SourceFacts } from "./facts";
import { LadderSection } from "./ladder/section";
import { RowSkeletons } from "./lists";
import { ReportView } from "./report";
import { ApiLink, NotShown } from "./shell";
import { State, isBusy } from "./states";
import { JobStory, ProblemNotice } from "./story";
import { posterOf } from "./titles";

async function orNothing<Value>(work: Promise<Value>): Promise<Value | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return null;
    throw error;
  }
}

function LinkRow({ name, url }: { name: string; url: string }) {
  return (
    <div class="link-row">
      <dt>{name}</dt>
      <dd>
        <a class="mono" href={url} target="_blank" rel="noreferrer">{url}</a>
        <CopyButton text={url} what={`${name} link`} />
      </dd>
    </div>
  );
}

function LinkList({ links }: { links: Links }) {
  return (
    <dl class="links">
      <LinkRow name="Watch" url={links.watch} />
      {links.hls && <LinkRow name="HLS" url={links.hls} />}
      {links.dash && <LinkRow name="DASH" url={links.dash} />}
    </dl>
  );
}

/** The name, which a press turns into a field. Enter keeps, Escape leaves. */
function Name({ body, rename }: { body: TitleBody; rename: (name: string) => void }) {
  const [editing, setEditing] = useState(false);
  const { name } = body.title;
  if (!editing) {
    return (
      <h1 class="name-line">
        <span>{name}</span>
        <button type="button" class="button quiet icon-only" aria-label="Rename" title="Rename" onClick={() => setEditing(true)}>
          <Icon name="pencil" />
        </button>
      </h1>
    );
  }
  return (
    <form class="name-form" onSubmit={(event) => {
      event.preventDefault();
      const wanted = String(new FormData(event.currentTarget).get("name") ?? "").trim();
      setEditing(false);
      if (wanted && wanted !== name) rename(wanted);
    }}>
      <input class="input" name="name" aria-label="Name" value={name} maxLength={500} required ref={(field) => field?.select()}
        onKeyDown={(event) => {
          if (event.key === "Escape") setEditing(false);
        }} />
      <button type="submit" class="button primary">Rename</button>
      <button type="button" class="button" onClick={() => setEditing(false)}>Leave</button>
    </form>
  );
}

function Synopsis({ body, save }: { body: TitleBody; save: (synopsis: string) => void }) {
  const [editing, setEditing] = useState(false);
  const synopsis = body.title.synopsis ?? "";
  if (!editing) {
    return (
      <div class="synopsis-line">
        <p class={synopsis ? "" : "soft"}>{synopsis || "No synopsis."}</p>
        <button type="button" class="button quiet" onClick={() => setEditing(true)}>{synopsis ? "Edit" : "Write one"}</button>
      </div>
    );
  }
  return (
    <form class="synopsis-form" onSubmit={(event) => {
      event.preventDefault();
      setEditing(false);
      save(String(new FormData(event.currentTarget).get("synopsis") ?? ""));
    }}>
      <textarea class="input" name="synopsis" aria-label="Synopsis" maxLength={20000} defaultValue={synopsis} ref={(field) => field?.focus()} />
      <div class="head-actions">
        <button type="submit" class="button primary">Save</button>
        <button type="button" class="button" onClick={() => setEditing(false)}>Leave</button>
      </div>
    </form>
  );
}

type Question = "unpublish" | "delete";
const QUESTIONS: Record<Question, [(name: string) => string, string, string]> = {
  unpublish: [(name) => `Unpublish ${name}?`, "Players get nothing more at its address. You can put it back with Publish; nothing is lost.", "Unpublish"],
  delete: [(name) => `Delete ${name}?`, "The title, its source and every version are removed for good.", "Delete"],
};

export function TitlePage({ titleId }: { titleId: string }) {
  const { value, failure, reload } = useLoad(`title:${titleId}`, (signal) => titles.get(titleId, signal));
  const version = value ? `${titleId}:${value.title.version ?? ""}:${value.title.state}` : "";
  const more = useLoad(`more:${version}`, async () => {
    if (!version) return null;
    const [report, info, ladder] = await Promise.all([
      orNothing(titles.report(titleId)), orNothing(titles.mediaInfo(titleId)), orNothing(titles.ladder(titleId)),
    ]);
    return { report, info, ladder };
  });
  const [asked, setAsked] = useState<Question | null>(null);
  const [refused, setRefused] = useState<Failure | null>(null);
  useEvents((event) => event.title_id === titleId, reload, 800);
  usePageTitle(value ? `${value.title.name} · Matinee console` : "Title · Matinee console");
  const act = (work: Promise<unknown>, said: string, then: () => void = reload) => {
    setRefused(null);
    work.then(
      () => {
        toast(said);
        then();
      },
      (error: unknown) => setRefused(failureOf(error)),
    );
  };
  if (failure && !value) return <NotShown what="title" failure={failure} retry={reload} back={["/console", "Titles"]} />;
  if (!value) return <RowSkeletons />;
  const { title, links, job } = value;
  const decide = (question: Question) => {
    setAsked(null);
    if (question === "unpublish") act(titles.unpublish(titleId), "Taken off the air");
    else act(titles.delete(titleId), "Deleted", () => go("/console"));
  };
  const question = asked && QUESTIONS[asked];
  const { report = null, info = null, ladder = null } = more.value ?? {};
  return (
    <>
      <nav class="crumbs" aria-label="Where you are"><a href="/console">Titles</a></nav>
      <div class="title-top">
        <div class="title-poster"><Poster src={posterOf(value)} eager /></div>
        <div class="title-intro">
          <Name body={value} rename={(name) => act(titles.update(titleId, { name }), "Renamed")} />
          <p class="id-line">
            <State of={title.state} /> <code>{title.id}</code> <CopyButton text={title.id} what="title id" />
            {title.published_at && <time class="soft small" dateTime={title.published_at} title={instant(title.published_at)}>published {ago(title.published_at)}</time>}
          </p>
          <Synopsis body={value} save={(synopsis) => act(titles.update(titleId, { synopsis }), "Saved")} />
          <div class="head-actions">
            {title.state === "live" && (
              <>
                <a class="button primary" href={`/watch/${encodeURIComponent(titleId)}`} target="_blank" rel="noreferrer"><Icon name="play" /> Watch</a>
                <button type="button" class="button" onClick={() => setAsked("unpublish")}>Unpublish</button>
              </>
            )}
            {title.state === "unpublished" && (
              <button type="button" class="button primary" onClick={() => act(titles.publish(titleId), "Back on the air")}>Publish</button>
            )}
            <button type="button" class="button danger" onClick={() => setAsked("delete")}><Icon name="trash" /> Delete</button>
          </div>
        </div>
      </div>
      {refused && <FailureNotice failure={refused} />}
      {title.state === "live" && <LinkList links={links} />}
      {title.problem && title.state === "failed" && !job?.problem && <ProblemNotice problem={title.problem} />}
      {job && (
        <section class="panel" aria-labelledby="job">
          <div class="panel-head">
            <h2 id="job">{isBusy(value) ? "Publishing now" : "Newest job"} <State of={job.state} /></h2>
            <a href={`/console/jobs/${encodeURIComponent(job.id)}`}>Open the job</a>
          </div>
          <JobStory job={job} duration={title.duration ?? info?.duration ?? null} />
        </section>
      )}
      {(title.rungs?.length ?? 0) > 0 && (
        <section class="panel" aria-labelledby="rungs">
          <h2 id="rungs" title="A rung is one size and rate of the film among which players switch">Rungs</h2>
          <RungTable rungs={title.rungs ?? []} />
          <Languages title={title} />
        </section>
      )}
      {ladder && <LadderSection report={ladder} titleId={titleId} />}
      {report && (
        <section class="panel" aria-labelledby="report">
          <h2 id="report">Verify report</h2>
          <ReportView report={report} />
        </section>
      )}
      <section class="panel" aria-labelledby="source">
        <h2 id="source">Source</h2>
        {more.failure && <FailureNotice failure={more.failure} retry={more.reload} />}
        <SourceFacts title={title} info={info} />
      </section>
      <ApiLink path={`/titles/${titleId}`} />
      {asked && question && (
        <Dialog title={question[0](title.name)} onClose={() => setAsked(null)}
          actions={<>
            <button type="button" class="button" onClick={() => setAsked(null)}>Keep it</button>
            <button type="button" class="button primary" onClick={() => decide(asked)}>{question[2]}</button>
          </>}>
          <p class="soft">{question[1]}</p>
        </Dialog>
      )}
    </>
  );
}
