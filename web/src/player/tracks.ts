/** Shaka's tracks as the menus show them. */

import type shaka from "shaka-player/dist/shaka-player.compiled-es2021.js";
import { language, pictureName, rate } from "../kit/format";

export type Variant = shaka.extern.Track;
type AudioTrack = shaka.extern.AudioTrack;
type TextTrack = shaka.extern.TextTrack;

export interface Quality {
  id: number;
  name: string;
  detail: string;
  variant: Variant;
}

export interface Choice<Track> {
  id: string;
  name: string;
  detail: string;
  track: Track;
}

/** The rungs that go with the sound that is on, best first, each once. */
export function qualities(variants: readonly Variant[]): Quality[] {
  const active = variants.find((one) => one.active);
  const seen = new Set<string>();
  const found: Quality[] = [];
  for (const one of [...variants].sort((a, b) => b.bandwidth - a.bandwidth)) {
    const sameSound =
      !active || one.originalAudioId === active.originalAudioId || !one.width;
    const key = one.width ? `v${one.originalVideoId ?? one.videoId}` : `a${one.bandwidth}`;
    if (!sameSound || seen.has(key)) continue;
    seen.add(key);
    const frames = one.frameRate && one.frameRate > 31 ? String(Math.round(one.frameRate)) : "";
    const size = one.width && one.height ? `${one.width} × ${one.height} · ` : "";
    found.push({
      id: one.id,
      name: one.width ? pictureName(one.width, one.height) + frames : "Sound",
      detail: `${size}${rate(one.bandwidth)}`,
      variant: one,
    });
  }
  return found;
}

const ROLE_WORDS: Record<string, string> = {
  commentary: "commentary",
  description: "described",
  dub: "dubbed",
  alternate: "alternate",
  "forced-subtitle": "forced",
  caption: "for the deaf and hard of hearing",
};

function roleWords(roles: readonly string[]): string {
  return roles.map((role) => ROLE_WORDS[role]).filter(Boolean).join(", ");
}

function channels(count: number | null): string {
  if (!count) return "";
  return { 1: "mono", 2: "stereo", 6: "5.1", 8: "7.1" }[count] ?? `${count} channels`;
}

/** The track that is on. */
export function activeOf<Track extends { active: boolean }>(choices: readonly Choice<Track>[]): Track | null {
  return choices.find((one) => one.track.active)?.track ?? null;
}

interface Spoken {
  language: string;
  label: string | null;
  roles: readonly string[];
}

/** Of the tracks in *language* the one most like *before*, else the first; null where there is none. */
export function mostLike<Track extends Spoken>(tracks: readonly Track[], language: string, before: Spoken | null): Track | null {
  const spoken = tracks.filter((one) => one.language === language);
  const alike = (one: Track) => before !== null && one.roles.join() === before.roles.join();
  return spoken.find((one) => alike(one) && one.label === before?.label) ?? spoken.find(alike) ?? spoken[0] ?? null;
}

/** What Shaka is to look for to find *track* again, in a stream whose tracks may have other traits. */
export function audioPreferences(track: AudioTrack | null): shaka.extern.AudioPreference[] {
  if (!track) return [];
  const { language } = track;
  const any = { language, role: "", label: "", channelCount: 0, codec: "", spatialAudio: false };
  const role = track.roles[0] ?? "";
  return [{ ...any, role, label: track.label ?? "", channelCount: track.channelsCount ?? 0 }, { ...any, role }, any];
}

/** Sound tracks, one for each language, role and label. */
export function audioChoices(tracks: readonly AudioTrack[]): Choice<AudioTrack>[] {
  const found = new Map<string, Choice<AudioTrack>>();
  for (const track of tracks) {
    const id = [track.language, track.label ?? "", track.roles.join("+"), track.channelsCount].join("|");
    if (found.has(id) && !track.active) continue;
    const detail = [roleWords(track.roles), channels(track.channelsCount)].filter(Boolean).join(" · ");
    found.set(id, { id, name: nameOf(track), detail, track });
  }
  return [...found.values()];
}

/** Caption tracks; forced ones are the player's own business. */
export function textChoices(tracks: readonly TextTrack[]): Choice<TextTrack>[] {
  return tracks
    .filter((track) => !track.forced)
    .map((track) => ({
      id: String(track.id),
      name: nameOf(track),
      detail: roleWords(track.roles),
      track,
    }));
}

function nameOf(track: { language: string; label: string | null; originalLanguage: string | null }): string {
  const tag = track.originalLanguage || track.language;
  const spoken = tag && tag !== "und" ? language(tag) : "";
  const label = track.label && track.label !== tag ? track.label : "";
  if (label && spoken && label.toLowerCase() !== spoken.toLowerCase()) return `${spoken} (${label})`;
  return label || spoken || "Unknown language";
}
