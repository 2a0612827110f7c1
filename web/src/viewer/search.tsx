import { catalog } from "../api/client";
import { useLoad, usePageTitle, useRested } from "../kit/data";
import { query } from "../kit/router";
import { FailureNotice } from "../kit/ui";
import { Card, CardSkeletons } from "./cards";

export function SearchPage() {
  const text = (query.value.get("q") ?? "").trim();
  usePageTitle(text ? `${text} · Matinee` : "Search · Matinee");
  const rested = useRested(text, 120);
  const { value, failure, reload } = useLoad(`search:${rested}`, (signal) =>
    catalog.list({ q: rested, limit: 48 }, signal),
  );
  const count = value?.items.length ?? 0;
  const summary = !value ? "" : `${count}${value.next_cursor ? " or more" : ""} ${count === 1 ? "film" : "films"}`;
  return (
    <div class="page">
      <div class="page-head">
        <h1>{text ? <>Films for “{text}”</> : "All films"}</h1>
        <p class="soft num" role="status">{summary}</p>
      </div>
      {failure && <FailureNotice failure={{ ...failure, fix: "" }} retry={reload} />}
      {!value && !failure && <CardSkeletons count={8} />}
      {value && count > 0 && (
        <ul class="grid">
          {value.items.map((item, index) => <Card item={item} key={item.id} eager={index < 8} />)}
        </ul>
      )}
      {value && count === 0 && (
        <div class="empty-state">
          <p>No film matches {text ? `“${text}”` : "yet"}.</p>
          <p class="soft">Try fewer letters, or another word of the name.</p>
          <a class="button" href="/">See what is on</a>
        </div>
      )}
    </div>
  );
}
