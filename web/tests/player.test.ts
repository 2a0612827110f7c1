import { expect, test } from "vitest";
import { languageOf } from "../src/console/language";
import { explain } from "../src/player/faults";
import { nextSpeed, verbOf } from "../src/player/keys";
import { addressOf, pinned } from "../src/player/source";
import { type Variant, audioPreferences, mostLike, qualities } from "../src/player/tracks";
import { following } from "../src/viewer/following";

test.each([
  [" ", { do: "toggle" }], ["k", { do: "toggle" }], ["ArrowLeft", { do: "skip", seconds: -5 }], ["L", { do: "skip", seconds: 10 }],
  ["0", { do: "part", fraction: 0 }], ["9", { do: "part", fraction: 0.9 }], ["<", { do: "speed", change: -1 }], ["?", { do: "help" }],
  ["Enter", null], ["10", null], ["x", null],
])("key %j", (key, verb) => expect(verbOf(key)).toEqual(verb));

test("speeds step and stop at both ends", () => {
  expect(nextSpeed(1, 1)).toBe(1.25);
  expect(nextSpeed(1, -1)).toBe(0.75);
  expect(nextSpeed(2, 1)).toBe(2);
  expect(nextSpeed(0.5, -1)).toBe(0.5);
  expect(nextSpeed(1.1, 1)).toBe(1.25);
});

test("faults are told in words", () => {
  expect(explain({ category: 1, code: 1001, data: ["u", 404] })).toMatchObject({ title: "The film is not on the air", code: "Shaka 1001 · HTTP 404" });
  expect(explain({ category: 1, code: 1002, data: [] })).toMatchObject({ title: "The film stopped arriving", code: "Shaka 1002" });
  expect(explain({ category: 4, code: 4032, data: [] }).title).toBe("This browser cannot play the film");
  expect(explain({ category: 99, code: 1, data: [] }).title).toBe("The player stopped");
  expect(explain(new Error("odd"))).toEqual({ title: "The player stopped", detail: "odd", code: "" });
});

function variant(id: number, height: number, audio: string, bandwidth: number, active = false): Variant {
  return { id, height, width: Math.round((height * 16) / 9), bandwidth, active, originalAudioId: audio, originalVideoId: `v${height}`, videoId: height, frameRate: 24 } as Variant;
}

test("the quality menu has each rung once, best first, for the sound that is on", () => {
  const found = qualities([
    variant(1, 360, "en", 900_000, true), variant(2, 720, "en", 3_000_000), variant(3, 720, "sv", 3_000_000), variant(4, 360, "sv", 900_000),
  ]);
  expect(found.map((one) => [one.id, one.name, one.detail])).toEqual([[2, "720p", "1280 × 720 · 3.0 Mb/s"], [1, "360p", "640 × 360 · 900 kb/s"]]);
});

test("the language of a side-car is read from its name", () => {
  expect(languageOf("film.sv.srt")).toBe("sv");
  expect(languageOf("film.pt-BR.vtt")).toBe("pt-BR");
  expect(languageOf("film.srt")).toBe("");
  expect(languageOf("my.old.film.srt")).toBe("");
});

test("the next title is the one below, and never the same", () => {
  const items = ["a", "b", "c"].map((id) => ({ id }));
  expect(following(items, "a")?.id).toBe("b");
  expect(following(items, "c")?.id).toBe("a");
  expect(following(items, "x")?.id).toBe("a");
  expect(following(items.slice(0, 1), "a")).toBeNull();
  expect(following([], "a")).toBeNull();
});

test("a later version is read in its folder, where no cache holds the one before", () => {
  expect(pinned("https://a.example/media/x/manifest.mpd?token=1", 2)).toBe("https://a.example/media/x/v2/manifest.mpd?token=1");
});

test("which stream a browser gets", () => {
  const both = { dash: "d", hls: "h", thumbnails: null, chapters: null, preferHls: false, film: 60, version: 1 };
  expect(addressOf(both, true)?.url).toBe("d");
  expect(addressOf(both, false)?.url).toBe("h");
  expect(addressOf({ ...both, preferHls: true }, true)?.url).toBe("h");
  expect(addressOf({ ...both, dash: null }, true)?.url).toBe("h");
  expect(addressOf({ ...both, hls: null }, false)?.url).toBe("d");
  expect(addressOf({ ...both, dash: null, hls: null }, true)).toBeNull();
});

test("of several tracks in a language the one like that before is chosen again", () => {
  const track = (language: string, label: string | null, ...roles: string[]) => ({ language, label, roles });
  const offered = [track("en", null, "main"), track("en", "Talk", "commentary"), track("en", "Crew", "commentary"), track("sv", null, "main")];
  expect(mostLike(offered, "en", track("en", "Crew", "commentary"))?.label).toBe("Crew");
  expect(mostLike(offered, "en", track("en", "Other", "commentary"))?.label).toBe("Talk");
  expect(mostLike(offered, "en", track("en", null, "dub"))).toBe(offered[0]);
  expect(mostLike(offered, "sv", null)).toBe(offered[3]);
  expect(mostLike(offered, "de", track("de", null))).toBeNull();
});

test("the sound is looked for by all it is, then by its role, then by its language", () => {
  expect(audioPreferences(null)).toEqual([]);
  const found = audioPreferences({ language: "en", roles: ["main"], label: null, channelsCount: 2 } as never);
  expect(found.map((one) => [one.language, one.role, one.channelCount])).toEqual([["en", "main", 2], ["en", "main", 0], ["en", "", 0]]);
});
