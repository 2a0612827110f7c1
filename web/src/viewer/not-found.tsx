import { catalog } from "../api/client";
import { useLoad, usePageTitle } from "../kit/data";
import { Card } from "./cards";

const WORDS = {
  film: "It may have been taken off the air, or the address has a slip in it.",
  page: "The address has a slip in it, or what was here has moved.",
};

/** A way back for those who are lost: what happened, and what is on. */
export function NotFound({ what }: { what: keyof typeof WORDS }) {
  usePageTitle("Not found · Matinee");
  const { value } = useLoad("on-now", (signal) => catalog.list({ limit: 4 }, signal));
  return (
    <div class="page not-found">
      <section class="empty-state">
        <p class="eyebrow">Not found</p>
        <h1>There is no such {what}</h1>
        <p class="soft">{WORDS[what]}</p>
        <a class="button primary large" href="/">See what is on</a>
      </section>
      {value && value.items.length > 0 && (
        <section aria-labelledby="on-now">
          <h2 id="on-now">On now</h2>
          <ul class="grid">{value.items.map((item) => <Card item={item} key={item.id} />)}</ul>
        </section>
      )}
    </div>
  );
}
