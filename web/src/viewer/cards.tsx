import { sameSite } from "../api/client";
import type { CatalogItem } from "../api/types";
import { language, length, pictureName } from "../kit/format";
import { Poster } from "../kit/ui";
import { watched } from "../player/resume";

export function posterOf(item: CatalogItem): string | null {
  const { poster, watch } = item.links;
  return poster ? sameSite(poster, watch, location.href) : null;
}

/** Length, picture and languages, as far as they are known. */
export function facts(item: CatalogItem): string[] {
  const best = item.rungs[0];
  const picture = best ? pictureName(best.width, best.height) : pictureName(item.width, item.height);
  const spoken = item.audio_languages.filter((one) => one !== "und").map(language);
  return [length(item.duration), picture, spoken.slice(0, 3).join(", ")].filter(Boolean);
}

export function Card({ item, eager = false }: { item: CatalogItem; eager?: boolean }) {
  const seen = watched(item.id, item.duration);
  return (
    <li class="card">
      <a href={`/titles/${encodeURIComponent(item.id)}`}>
        <span class="frame">
          <Poster src={posterOf(item)} eager={eager} />
          {seen > 0 && (
            <span class="seen" aria-hidden="true">
              <span style={{ transform: `scaleX(${seen})` }} />
            </span>
          )}
        </span>
        <span class="name">{item.name}</span>
        <span class="facts num">{facts(item).slice(0, 2).join(" · ")}</span>
      </a>
    </li>
  );
}

export function CardSkeletons({ count }: { count: number }) {
  return (
    <ul class="grid" aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        <li class="card" key={index}>
          <span class="frame skeleton" />
          <span class="skeleton line" />
        </li>
      ))}
    </ul>
  );
}
