import { ApiError, catalog } from "../api/client";
import type { CatalogItem } from "../api/types";
import { useLoad, usePageTitle } from "../kit/data";
import { clock, instant, language, length, pictureName } from "../kit/format";
import { Icon } from "../kit/icons";
import { Poster } from "../kit/ui";
import { resumeAt } from "../player/resume";
import { posterOf } from "./cards";
import { NotFound } from "./not-found";
import { Unavailable } from "./unavailable";

function Facts({ item }: { item: CatalogItem }) {
  const best = item.rungs[0];
  const rows: [string, string][] = [["Length", length(item.duration)]];
  if (best) {
    rows.push(["Picture", `${pictureName(best.width, best.height)}, ${best.width} × ${best.height}`]);
  } else {
    rows.push(["Picture", "Sound only"]);
  }
  const audio = item.audio_languages.map(language).join(", ");
  rows.push(["Sound", audio || (best ? "Silent" : "")]);
  rows.push(["Captions", item.text_languages.map(language).join(", ") || "None"]);
  rows.push(["Published", instant(item.published_at)]);
  return (
    <dl class="fact-list num">
      {rows.filter(([, text]) => text).map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

export function TitlePage({ titleId }: { titleId: string }) {
  const { value: item, failure, reload } = useLoad(`title:${titleId}`, async (signal) => {
    try {
      return await catalog.get(titleId, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return "missing" as const;
      throw error;
    }
  });
  usePageTitle(item && item !== "missing" ? `${item.name} · Matinee` : "Matinee");
  if (failure) return <Unavailable failure={failure} retry={reload} />;
  if (item === "missing") return <NotFound what="film" />;
  if (!item) return <div class="hero skeleton" role="status" aria-label="Loading" />;
  const at = resumeAt(item.id, item.duration);
  return (
    <article class="title-page">
      <div class="still">
        <Poster src={posterOf(item)} eager />
      </div>
      <div class="page title-words">
        <h1>{item.name}</h1>
        <div class="hero-actions">
          <a class="button primary large" href={`/watch/${encodeURIComponent(item.id)}`}>
            <Icon name="play" /> {at ? `Continue from ${clock(at)}` : "Play"}
          </a>
        </div>
        {item.synopsis && <p class="synopsis">{item.synopsis}</p>}
        <Facts item={item} />
      </div>
    </article>
  );
}
