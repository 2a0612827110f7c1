import { useEffect, useRef, useState } from "preact/hooks";
import { go, path, query } from "../kit/router";
import { Icon } from "../kit/icons";

/** Brand and search; `/` puts the cursor into the search field. */
export function Header() {
  const onSearch = path.value === "/search";
  const [text, setText] = useState(onSearch ? (query.value.get("q") ?? "") : "");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (path.value !== "/search") setText("");
  }, [path.value]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const search = (value: string) => {
    setText(value);
    const target = value ? `/search?q=${encodeURIComponent(value)}` : "/search";
    go(target, { replace: path.value === "/search" });
  };
  return (
    <header class="header">
      <a class="brand" href="/" aria-label="Matinee, home">
        <img src="/favicon.svg" alt="" />
        <span>Matinee</span>
      </a>
      <form class="search" role="search" onSubmit={(event) => event.preventDefault()}>
        <Icon name="search" />
        <input ref={field} class="input" type="search" placeholder="Search films" aria-label="Search films"
          value={text} autocomplete="off" spellcheck={false}
          onInput={(event) => search(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") go("/");
          }} />
        <kbd aria-hidden="true">/</kbd>
      </form>
    </header>
  );
}
