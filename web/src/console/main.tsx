import "../kit/base.css";
import "./console.css";
import { render } from "preact";
import { interceptLinks, match, path } from "../kit/router";
import { Toasts } from "../kit/ui";
import { JobPage } from "./job";
import { JobsPage } from "./jobs";
import { PublishPage } from "./publish";
import { LaddersPage, WebhooksPage } from "./settings";
import { Shell } from "./shell";
import { SignIn, who } from "./sign-in";
import { TitlePage } from "./title";
import { TitlesPage } from "./titles";

function Page() {
  const here = path.value;
  const title = match("/console/titles/:id", here)?.["id"];
  const job = match("/console/jobs/:id", here)?.["id"];
  if (title) return <TitlePage titleId={title} key={title} />;
  if (job) return <JobPage jobId={job} key={job} />;
  switch (here.replace(/\/+$/, "")) {
    case "/console":
    case "/console/titles":
      return <TitlesPage />;
    case "/console/jobs":
      return <JobsPage />;
    case "/console/publish":
      return <PublishPage />;
    case "/console/settings":
    case "/console/settings/webhooks":
      return <WebhooksPage />;
    case "/console/settings/ladders":
      return <LaddersPage />;
    default:
      return (
        <div class="empty-state">
          <h1>There is no such page</h1>
          <a class="button" href="/console">See all titles</a>
        </div>
      );
  }
}

function App() {
  const session = who.value;
  return (
    <>
      {session === undefined ? <div class="loading" role="status" aria-label="Loading" />
        : session === null ? <SignIn />
        : <Shell session={session}><Page /></Shell>}
      <Toasts />
    </>
  );
}

interceptLinks((href) => /^\/console($|[/?])/.test(href));
const root = document.getElementById("app");
if (root) render(<App />, root);
