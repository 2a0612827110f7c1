import { expect, test } from "vitest";
import { changed, match } from "../src/kit/router";
import { sameSite, withQuery } from "../src/api/client";

test("patterns", () => {
  expect(match("/titles/:id", "/titles/abc")).toEqual({ id: "abc" });
  expect(match("/titles/:id", "/titles/a%2Fb/")).toEqual({ id: "a/b" });
  expect(match("/titles/:id", "/titles")).toBeNull();
  expect(match("/titles/:id", "/titles/a/b")).toBeNull();
  expect(match("/titles/:id", "/titles/%E0%A4%A")).toBeNull();
  expect(match("/", "/")).toEqual({});
});

test("query parameters are set, replaced and removed", () => {
  expect(changed("/console", { q: "två rum" })).toBe("/console?q=tv%C3%A5+rum");
  expect(changed("/console?q=a&state=live", { q: "" })).toBe("/console?state=live");
  expect(changed("/console?state=live", { state: "failed", q: "x" })).toBe("/console?state=failed&q=x");
  expect(changed("/console?q=a", { q: "" })).toBe("/console");
});

test("empty values are no parameters", () => {
  expect(withQuery("/titles", { q: "", state: undefined, cursor: null, limit: 5 })).toBe("/titles?limit=5");
  expect(withQuery("/titles", { q: "" })).toBe("/titles");
});

test("links of our own server follow the name under which the page was opened", () => {
  const watch = "http://127.0.0.1:8080/watch/x";
  const here = "http://localhost:8080/watch/x";
  expect(sameSite("http://127.0.0.1:8080/media/x/manifest.mpd?a=1", watch, here)).toBe("http://localhost:8080/media/x/manifest.mpd?a=1");
  expect(sameSite("https://cdn.example/x.mpd", watch, here)).toBe("https://cdn.example/x.mpd");
});
