import "../player/player.css";
import { useState } from "preact/hooks";
import { ApiError, catalog, sameSite } from "../api/client";
import type { CatalogItem } from "../api/types";
import { useLoad, usePageTitle } from "../kit/data";
import { query } from "../kit/router";
import type { NextTitle } from "../player/overlays";
import { Player } from "../player/player";
import { facts, posterOf } from "./cards";
import { following } from "./following";
import { useLatest } from "./latest";
import { NotFound } from "./not-found";
import { Unavailable } from "./unavailable";

function nextTitle(item: CatalogItem | null): NextTitle | null {
  return item && { id: item.id, name: item.name, poster: posterOf(item), facts: facts(item).slice(0, 2).join(" · ") };
}

function Found({ item: first, next }: { item: CatalogItem; next: CatalogItem | null }) {
  const [ended, setEnded] = useState(false);
  const item = useLatest(first, ended);
  const { watch, dash, hls, thumbnails, chapters } = item.links;
  const here = (link: string | null | undefined) => (link ? sameSite(link, watch, location.href) : null);
  return (
    <Player titleId={item.id} name={item.name} duration={item.duration} poster={posterOf(item)}
      soundOnly={item.rungs.length === 0 && !item.width} next={nextTitle(next)} onEnded={setEnded}
      source={{
        dash: here(dash),
        hls: here(hls),
        thumbnails: here(thumbnails),
        chapters: here(chapters),
        film: item.duration,
        version: item.version,
        preferHls: query.peek().get("protocol") === "hls",
      }} />
  );
}

export function WatchPage({ titleId }: { titleId: string }) {
  const { value, failure, reload } = useLoad(`watch:${titleId}`, async (signal) => {
    try {
      const [item, all] = await Promise.all([
        catalog.get(titleId, signal),
        catalog.list({ limit: 50 }, signal).catch(() => ({ items: [] })),
      ]);
      return { item, next: following(all.items, titleId) };
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return "missing" as const;
      throw error;
    }
  });
  usePageTitle(value && value !== "missing" ? `${value.item.name} · Matinee` : "Matinee");
  if (failure) return <main id="main"><Unavailable failure={failure} retry={reload} /></main>;
  if (value === "missing") return <main id="main"><NotFound what="film" /></main>;
  return (
    <main class="watch">
      {value && value.item.id === titleId && <Found item={value.item} next={value.next} key={titleId} />}
    </main>
  );
}
