/** Where we are: the path and query as signals, over the History API. */

import { computed, signal } from "@preact/signals";

const here = signal(typeof location === "undefined" ? "/" : location.pathname + location.search);

function sync(): void {
  here.value = location.pathname + location.search;
}

if (typeof window !== "undefined") window.addEventListener("popstate", sync);

export const path = computed(() => here.value.split("?", 1)[0] ?? "/");
export const query = computed(() => new URLSearchParams(here.value.split("?")[1] ?? ""));

/** Go to another page of the same single-page app. */
export function go(target: string, options: { replace?: boolean } = {}): void {
  if (target === here.value) return;
  const changesPage = target.split("?", 1)[0] !== path.value;
  history[options.replace ? "replaceState" : "pushState"](null, "", target);
  sync();
  if (changesPage) window.scrollTo(0, 0);
}

/** *address* with some query parameters changed; empty ones are left out. */
export function changed(address: string, change: Record<string, string>): string {
  const [pathname = "/", search = ""] = address.split("?");
  const parameters = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    if (value) parameters.set(name, value);
    else parameters.delete(name);
  }
  const text = parameters.toString();
  return text ? `${pathname}?${text}` : pathname;
}

/** Change query parameters of the current page, in place. */
export function setQuery(change: Record<string, string>): void {
  go(changed(here.value, change), { replace: true });
}

/** The parameters of *pathname* if it has the shape of *pattern* (`/titles/:id`), else null. */
export function match(pattern: string, pathname: string): Record<string, string> | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = pathname.split("/").filter(Boolean);
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) {
      try {
        found[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) return null;
  }
  return found;
}

/** Whether a click on a link is ours to handle: plain, same tab, same app. */
export function follows(event: MouseEvent, href: string, prefix: (path: string) => boolean): boolean {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  return plain && !event.defaultPrevented && href.startsWith("/") && prefix(href);
}

/** Turn clicks on links inside the app into page changes without a load. */
export function interceptLinks(prefix: (path: string) => boolean): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const href = link?.getAttribute("href");
    if (!link || !href || link.target || link.hasAttribute("download")) return;
    if (!follows(event, href, prefix)) return;
    event.preventDefault();
    go(href);
  });
}
