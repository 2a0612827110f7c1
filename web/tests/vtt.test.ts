import { expect, test } from "vitest";
import { at, parseCues, parseTiles } from "../src/player/vtt";

const INDEX = `WEBVTT

00:00.000 --> 00:02.000
thumbnails/00001.jpg#xywh=0,0,192,108

00:00:02.000 --> 00:00:04.000 line:0
thumbnails/00001.jpg#xywh=192,0,192,108

00:00:04.000 --> 00:00:06.500
/elsewhere/x.jpg?sig=a
`;

test("tiles are resolved against the index", () => {
  const tiles = parseTiles(INDEX, "https://h.example/media/t/v1/thumbnails.vtt");
  expect(tiles).toHaveLength(3);
  expect(tiles[1]).toEqual({ start: 2, end: 4, url: "https://h.example/media/t/v1/thumbnails/00001.jpg", x: 192, y: 0, width: 192, height: 108 });
  expect(tiles[2]).toMatchObject({ url: "https://h.example/elsewhere/x.jpg?sig=a", width: 0, end: 6.5 });
});

test("cues with identifiers, notes, CRLF, BOM and several lines", () => {
  const text = "\uFEFFWEBVTT - x\r\n\r\nNOTE\r\nnot a cue\r\n\r\none\r\n00:01.000 --> 00:02.000\r\na\r\nb\r\n\r\n100:00:00.000 --> 100:00:01.250\r\nlate\r\n";
  expect(parseCues(text)).toEqual([
    { start: 1, end: 2, text: "a\nb" },
    { start: 360_000, end: 360_001.25, text: "late" },
  ]);
});

test.each(["", "WEBVTT", "00:02.000 --> 00:01.000\nback", "00:61.000 --> 00:62.000\nx", "1 --> 2\nx", "-->", "<html>"])(
  "%j has no cues", (text) => expect(parseCues(text)).toEqual([]));

test("what is on at a time is the last that has begun", () => {
  const cues = [{ start: 0 }, { start: 10 }, { start: 20 }];
  expect(at(cues, -1)).toBeNull();
  expect(at(cues, 0)).toBe(cues[0]);
  expect(at(cues, 19.99)).toBe(cues[1]);
  expect(at(cues, 500)).toBe(cues[2]);
  expect(at([], 1)).toBeNull();
});
