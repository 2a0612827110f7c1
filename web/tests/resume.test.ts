import { beforeEach, expect, test } from "vitest";
import { parsePreferences } from "../src/player/preferences";
import { readPlace, resumeAt, savePlace, worthKeeping } from "../src/player/resume";

class Shelf {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

let shelf = new Shelf();
beforeEach(() => (shelf = new Shelf()));

test("the beginning and the credits are not worth keeping", () => {
  expect(worthKeeping(9, 3600)).toBe(false);
  expect(worthKeeping(10, 3600)).toBe(true);
  expect(worthKeeping(3554, 3600)).toBe(true);
  expect(worthKeeping(3556, 3600)).toBe(false);
  expect(worthKeeping(3, 60)).toBe(true);
  expect(worthKeeping(58, 60)).toBe(false);
  expect(worthKeeping(5, Number.NaN)).toBe(false);
  expect(worthKeeping(5, 0)).toBe(false);
});

test("a place is kept for its title only", () => {
  savePlace("a", 100, 3600, shelf, 42);
  expect(readPlace("a", shelf)).toEqual({ at: 100, saved: 42 });
  expect(resumeAt("a", 3600, shelf)).toBe(100);
  expect(resumeAt("b", 3600, shelf)).toBeNull();
});

test("seen to the end, the title starts afresh", () => {
  savePlace("a", 100, 3600, shelf);
  savePlace("a", 3599, 3600, shelf);
  expect(shelf.kept.size).toBe(0);
});

test("a place past the end of a shorter new version is not used", () => {
  savePlace("a", 3000, 3600, shelf);
  expect(resumeAt("a", 600, shelf)).toBeNull();
});

test.each(["null", "{", "[]", '{"at":"5","saved":1}', '{"at":5}', "7"])("damaged storage %s is no place", (text) => {
  shelf.setItem("matinee.place.a", text);
  expect(readPlace("a", shelf)).toBeNull();
});

test("a storage that refuses costs nothing", () => {
  const refusing = { getItem: () => null, removeItem: () => undefined, setItem: () => { throw new Error("quota"); } };
  expect(() => savePlace("a", 100, 3600, refusing)).not.toThrow();
});

test("preferences take what makes sense and leave the rest", () => {
  const found = parsePreferences('{"volume":0.4,"rate":99,"captions":"sv","captionColour":"pink","muted":"yes"}');
  expect(found).toMatchObject({ volume: 0.4, rate: 1, captions: "sv", captionColour: "white", muted: false });
  expect(parsePreferences("not json").volume).toBe(1);
  expect(parsePreferences("null").volume).toBe(1);
});
