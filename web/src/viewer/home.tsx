import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { catalog, type Failure, failureOf } from "../api/client";
import type { CatalogItem } from "../api/types";
import { useLoad, usePageTitle } from "../kit/data";
import { Icon } from "../kit/icons";
import { Command, FailureNotice, Poster } from "../kit/ui";
import { unfinished } from "../player/resume";
import { Card, CardSkeletons, facts, posterOf } from "./cards";
import { Unavailable } from "./unavailable";

const PAGE = 24;

function Hero({ item }: { item: CatalogItem }) {
  return (
    <section class="hero" aria-labelledby="hero-name">
      <Poster src={posterOf(item)} eager />
      <div class="hero-words">
        <p class="eyebrow">Now showing</p>
        <h1 id="hero-name">{item.name}</h1>
        {item.synopsis && <p class="synopsis">{item.synopsis}</p>}
        <p class="facts num">{facts(item).join(" · ")}</p>
        <div class="hero-actions">
          <a class="button primary large" href={`/watch/${encodeURIComponent(item.id)}`}>
            <Icon name="play" /> Play
          </a>
          <a class="button large" href={`/titles/${encodeURIComponent(item.id)}`}>
            About the film
          </a>
        </div>
      </div>
    </section>
  );
}

function Empty() {
  return (
    <section class="empty-state">
      <h1>Nothing is showing yet</h1>
      <p class="soft">Publish a film and it appears here, ready to play.</p>
      <Command text="matinee publish film.mp4" />
      <a class="button" href="/console/publish">Publish in the console</a>
    </section>
  );
}

interface Shelf {
  items: CatalogItem[];
  cursor: string | null;
}

/** All live titles, a page at a time as the reader gets to the end. */
function useShelf(first: Shelf | null) {
  const [more, setMore] = useState<Shelf | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const busy = useRef(false);
  const shelf = more ?? first;
  const extend = useCallback(() => {
    if (busy.current || !shelf?.cursor) return;
    busy.current = true;
    catalog
      .list({ cursor: shelf.cursor, limit: PAGE })
      .then(
        (page) =>
          setMore({ items: [...shelf.items, ...page.items], cursor: page.next_cursor ?? null }),
        (error: unknown) => setFailure(failureOf(error)),
      )
      .finally(() => (busy.current = false));
  }, [shelf]);
  return { shelf, extend, failure };
}

function End({ onReached }: { onReached: () => void }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) onReached();
      },
      { rootMargin: "600px" },
    );
    observer.observe(target);
    return () => observer.disconnect();
  }, [onReached]);
  return (
    <div ref={element} class="more">
      <button type="button" class="button" onClick={onReached}>Show more</button>
    </div>
  );
}

export function HomePage() {
  usePageTitle("Matinee");
  const { value, failure, reload } = useLoad("catalog", async (signal) => {
    const page = await catalog.list({ limit: PAGE }, signal);
    return { items: page.items, cursor: page.next_cursor ?? null };
  });
  const { shelf, extend, failure: later } = useShelf(value);
  if (failure && !shelf) return <Unavailable failure={failure} retry={reload} />;
  if (!shelf) {
    return (
      <div role="status" aria-label="Loading">
        <div class="hero skeleton" />
        <div class="page"><CardSkeletons count={8} /></div>
      </div>
    );
  }
  // A film that is on the air within seconds has no poster yet: it waits in the grid for it.
  const hero = shelf.items.find((item) => item.links.poster) ?? shelf.items[0];
  const rest = shelf.items.filter((item) => item !== hero);
  if (!hero) return <Empty />;
  const begun = shelf.items.filter((item) => unfinished(item.id, item.duration));
  return (
    <>
      <Hero item={hero} />
      <div class="page">
        {begun.length > 0 && (
          <section aria-labelledby="begun">
            <h2 id="begun">Continue watching</h2>
            <ul class="row">{begun.map((item) => <Card item={item} key={item.id} eager />)}</ul>
          </section>
        )}
        {rest.length > 0 && (
          <section aria-labelledby="all">
            <h2 id="all">Newest first</h2>
            <ul class="grid">
              {rest.map((item, index) => <Card item={item} key={item.id} eager={index < 4} />)}
            </ul>
          </section>
        )}
        {later && <FailureNotice failure={{ ...later, fix: "" }} retry={extend} />}
        {shelf.cursor && !later && <End onReached={extend} />}
      </div>
    </>
  );
}
