/** The frame around every console page: rooms on the left, below on a phone. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Failure } from "../api/client";
import { connected, listen } from "../api/events";
import type { Session } from "../api/types";
import { Icon, type IconName } from "../kit/icons";
import { path } from "../kit/router";
import { Command, FailureNotice } from "../kit/ui";
import { signOut } from "./sign-in";

const ROOMS: readonly [string, string, IconName][] = [
  ["/console", "Titles", "film"],
  ["/console/jobs", "Jobs", "jobs"],
  ["/console/publish", "Publish", "upload"],
  ["/console/settings", "Settings", "settings"],
];

function isHere(href: string, here: string): boolean {
  if (href === "/console") return here === "/console" || here.startsWith("/console/titles");
  return here.startsWith(href);
}

export function Shell({ session, children }: { session: Session; children: ComponentChildren }) {
  useEffect(() => listen(() => undefined), []); // keeps one stream open from page to page
  return (
    <div class="shell">
      <a class="skip" href="#main">Skip to the content</a>
      <header class="side">
        <a class="brand" href="/console" aria-label="Matinee console"><img src="/favicon.svg" alt="" /> <span>Matinee</span></a>
        <nav aria-label="Rooms">
          {ROOMS.map(([href, name, icon]) => (
            <a key={href} href={href} aria-current={isHere(href, path.value) ? "page" : undefined}>
              <Icon name={icon} /> <span>{name}</span>
            </a>
          ))}
        </nav>
        <div class="side-end">
          <span class={`status ${connected.value ? "live" : "idle"}`} title="Whether this page hears of changes at once">
            {connected.value ? "Live updates" : "Connecting"}
          </span>
          <a class="small" href="/">Viewer site</a>
          <span class="side-who">
            <span class="soft small" title={`${session.name}, role ${session.role}`}>{session.name}</span>
            <button type="button" class="button quiet" onClick={() => void signOut()}>Sign out</button>
          </span>
        </div>
      </header>
      <main id="main" tabIndex={-1}>{children}</main>
    </div>
  );
}

/** A page that could not be loaded: what happened, and the way back. */
export function NotShown({ what, failure, retry, back }: { what: string; failure: Failure; retry: () => void; back: [string, string] }) {
  return (
    <>
      <nav class="crumbs" aria-label="Where you are"><a href={back[0]}>{back[1]}</a></nav>
      <h1>This {what} cannot be shown</h1>
      <FailureNotice failure={failure} retry={retry} />
    </>
  );
}

/** The same thing in the API: a curl to copy, on every page. */
export function ApiLink({ path: address, method = "GET", body }: { path: string; method?: string; body?: string }) {
  const parts = [
    "curl",
    ...(method === "GET" ? [] : [`-X ${method}`]),
    '-H "Authorization: Bearer $MATINEE_API_KEY"',
    ...(body ? ['-H "Content-Type: application/json"', `-d '${body}'`] : []),
    `"${location.origin}/api/v1${address}"`,
  ];
  return (
    <details class="api-link">
      <summary><Icon name="code" /> Same in the API</summary>
      <Command text={parts.join(" ")} />
      <a class="small" href="/api/v1/openapi.json" target="_blank" rel="noreferrer">The whole API as OpenAPI</a>
    </details>
  );
}
