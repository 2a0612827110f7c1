import "../kit/base.css";
import "./viewer.css";
import { render } from "preact";
import { lazy, Suspense } from "../kit/lazy";
import { interceptLinks, match, path } from "../kit/router";
import { Toasts } from "../kit/ui";
import { Header } from "./header";
import { HomePage } from "./home";
import { NotFound } from "./not-found";
import { SearchPage } from "./search";
import { TitlePage } from "./title";

const WatchPage = lazy(() => import("./watch").then((module) => module.WatchPage));

const isOurs = (href: string) =>
  /^\/($|\?|search($|\?)|titles\/|watch\/)/.test(href);

function Site() {
  const here = path.value;
  const watching = match("/watch/:id", here);
  if (watching) {
    return <Suspense of={WatchPage} props={{ titleId: watching["id"] ?? "" }} />;
  }
  const title = match("/titles/:id", here);
  return (
    <>
      <a class="skip" href="#main">Skip to the content</a>
      <Header />
      <main id="main" tabIndex={-1}>
        {title ? <TitlePage titleId={title["id"] ?? ""} key={title["id"] ?? ""} />
          : here === "/search" ? <SearchPage />
          : here === "/" ? <HomePage />
          : <NotFound what="page" />}
      </main>
      <footer class="footer">
        <span>Matinee</span>
        <a href="/console">Console</a>
      </footer>
    </>
  );
}

function App() {
  return (
    <>
      <Site />
      <Toasts />
    </>
  );
}

interceptLinks(isOurs);
const root = document.getElementById("app");
if (root) render(<App />, root);
