/** What the lists share: filters kept in the URL, and pages that follow a cursor. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../api/types";
import { useLoad } from "../kit/data";
import { query, setQuery } from "../kit/router";
import { Icon } from "../kit/icons";
import { stateWord } from "./states";

export function SearchField({ label }: { label: string }) {
  const [text, setText] = useState(query.value.get("q") ?? "");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div class="search-field">
      <Icon name="search" />
      <input class="input" type="search" aria-label={label} placeholder={label} value={text} autocomplete="off"
        onInput={(event) => {
          const value = event.currentTarget.value;
          setText(value);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => setQuery({ q: value.trim() }), 150);
        }} />
    </div>
  );
}

export function StateFilter({ states, name }: { states: readonly string[]; name: string }) {
  const chosen = query.value.get("state") ?? "";
  return (
    <fieldset class="filter">
      <legend class="hidden-text">{name}</legend>
      {["", ...states].map((state) => (
        <label key={state}>
          <input type="radio" name="state" checked={chosen === state} onChange={() => setQuery({ state })} />
          <span>{state ? stateWord(state) : "All"}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A list that grows by pages; `reload` refreshes all that is shown. */
export function usePages<Item>(key: string, load: (cursor: string | null, signal?: AbortSignal) => Promise<Page<Item>>) {
  const [depth, setDepth] = useState({ key, pages: 1 });
  const pages = depth.key === key ? depth.pages : 1;
  const state = useLoad(`${key}|${pages}`, async (signal) => {
    const items: Item[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < pages; page++) {
      const found: Page<Item> = await load(cursor, signal);
      items.push(...found.items);
      cursor = found.next_cursor ?? null;
      if (!cursor) break;
    }
    return { items, more: cursor !== null };
  });
  return { ...state, more: () => setDepth({ key, pages: pages + 1 }) };
}

export function RowSkeletons() {
  return (
    <div class="rows-skeleton" role="status" aria-label="Loading">
      {Array.from({ length: 6 }, (_, index) => <div class="skeleton" key={index} />)}
    </div>
  );
}
