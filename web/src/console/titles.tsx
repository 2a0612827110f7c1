import { sameSite, titles, withQuery } from "../api/client";
import type { TitleBody } from "../api/types";
import { useEvents, usePageTitle } from "../kit/data";
import { ago, clock, instant, pictureName } from "../kit/format";
import { query } from "../kit/router";
import { Icon } from "../kit/icons";
import { Bar, Command, FailureNotice, Poster } from "../kit/ui";
import { RowSkeletons, SearchField, StateFilter, usePages } from "./lists";
import { ApiLink } from "./shell";
import { State, TITLE_STATES, isBusy, jobFraction, jobLine } from "./states";

export function posterOf({ links }: TitleBody): string | null {
  return links.poster ? sameSite(links.poster, links.watch, location.href) : null;
}

function Row({ body }: { body: TitleBody }) {
  const { title, job } = body;
  const best = title.rungs?.[0];
  const picture = pictureName(best?.width ?? title.width ?? null, best?.height ?? title.height ?? null);
  const busy = isBusy(body);
  return (
    <li>
      <a class="title-row" href={`/console/titles/${encodeURIComponent(title.id)}`}>
        <span class="thumb"><Poster src={posterOf(body)} /></span>
        <span class="title-name">
          <strong>{title.name}</strong>
          <span class="soft small mono">{title.source.filename}</span>
        </span>
        <span class="title-state">
          <State of={title.state} />
          {busy && job ? (
            <>
              <Bar fraction={jobFraction(job)} label={`Progress of ${title.name}`} />
              <span class="soft small num">{jobLine(job)}</span>
            </>
          ) : title.problem && title.state !== "cancelled" ? (
            <span class="small title-problem">{title.problem.message}</span>
          ) : null}
        </span>
        <span class="num soft">{title.duration ? clock(title.duration) : "–"}</span>
        <span class="num soft wide">{picture || "–"}</span>
        <span class="num soft wide">{title.rungs?.length || "–"}</span>
        <time class="soft num" dateTime={title.updated_at} title={instant(title.updated_at)}>{ago(title.updated_at)}</time>
      </a>
    </li>
  );
}

function Empty({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <div class="empty-state">
        <h2>No title matches</h2>
        <p class="soft">Take a filter away, or search for another word.</p>
        <a class="button" href="/console">Show all titles</a>
      </div>
    );
  }
  return (
    <div class="empty-state">
      <h2>No titles yet</h2>
      <p class="soft">Publish a film from the command line, or drop one on the publish page.</p>
      <Command text="matinee publish film.mp4" />
      <a class="button primary" href="/console/publish"><Icon name="upload" /> Publish a film</a>
    </div>
  );
}

export function TitlesPage() {
  usePageTitle("Titles · Matinee console");
  const q = query.value.get("q") ?? "";
  const state = query.value.get("state") ?? "";
  const filter = { q, state };
  const { value, failure, reload, more } = usePages(`titles:${q}:${state}`, (cursor, signal) =>
    titles.list({ ...filter, cursor, limit: 50 }, signal),
  );
  useEvents(() => true, reload, 1_000);
  return (
    <>
      <div class="head">
        <h1>Titles</h1>
        <a class="button primary" href="/console/publish"><Icon name="upload" /> Publish</a>
      </div>
      <div class="tools">
        <SearchField label="Search titles" />
        <StateFilter states={TITLE_STATES} name="State" />
      </div>
      {failure && <FailureNotice failure={failure} retry={reload} />}
      {!value && !failure && <RowSkeletons />}
      {value && value.items.length === 0 && <Empty filtered={Boolean(q || state)} />}
      {value && value.items.length > 0 && (
        <>
          <div class="title-row title-head" aria-hidden="true">
            <span /><span>Title</span><span>State</span><span>Length</span><span class="wide">Best</span><span class="wide">Rungs</span><span>Changed</span>
          </div>
          <ul class="rows">{value.items.map((body) => <Row body={body} key={body.title.id} />)}</ul>
          {value.more && <button type="button" class="button" onClick={more}>Show more</button>}
        </>
      )}
      <ApiLink path={withQuery("/titles", filter)} />
    </>
  );
}
