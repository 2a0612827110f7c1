import { usePageTitle } from "../kit/data";

export function NotFound({ what }: { what: string }) {
  usePageTitle("Not found · Matinee");
  return (
    <section class="empty-state">
      <h1>There is no such {what}</h1>
      <p class="soft">It may have been taken off the air, or the address has a slip in it.</p>
      <a class="button" href="/">See what is on</a>
    </section>
  );
}
