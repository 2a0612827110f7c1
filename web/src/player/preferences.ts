/** What a viewer chose once and expects again: volume, speed, languages, captions' looks. */

import { effect, signal } from "@preact/signals";

export interface Preferences {
  volume: number;
  muted: boolean;
  rate: number;
  audio: string;
  /** Language of the captions, or "" for none. */
  captions: string;
  captionSize: number;
  captionColour: CaptionColour;
}

export const CAPTION_COLOURS = {
  white: "White on black",
  yellow: "Yellow on black",
  black: "Black on white",
  outline: "White, outlined",
} as const;
export type CaptionColour = keyof typeof CAPTION_COLOURS;

export const CAPTION_SIZES: readonly [number, string][] = [
  [0.75, "Small"],
  [1, "Normal"],
  [1.4, "Large"],
  [1.9, "Very large"],
];

const KEY = "matinee.preferences";
const DEFAULTS: Preferences = {
  volume: 1,
  muted: false,
  rate: 1,
  audio: "",
  captions: "",
  captionSize: 1,
  captionColour: "white",
};

/** Preferences from stored text: each field only if it makes sense. */
export function parsePreferences(text: string | null): Preferences {
  let found: Partial<Record<keyof Preferences, unknown>> = {};
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    if (typeof value === "object" && value !== null) found = value;
  } catch {
    // Damaged text: the defaults do.
  }
  const number = (value: unknown, low: number, high: number, otherwise: number) =>
    typeof value === "number" && value >= low && value <= high ? value : otherwise;
  const word = (value: unknown) => (typeof value === "string" && value.length < 36 ? value : "");
  const colour = word(found.captionColour);
  return {
    volume: number(found.volume, 0, 1, DEFAULTS.volume),
    muted: found.muted === true,
    rate: number(found.rate, 0.25, 4, DEFAULTS.rate),
    audio: word(found.audio),
    captions: word(found.captions),
    captionSize: number(found.captionSize, 0.5, 3, DEFAULTS.captionSize),
    captionColour: colour in CAPTION_COLOURS ? (colour as CaptionColour) : "white",
  };
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const preferences = signal<Preferences>(
  parsePreferences(typeof localStorage === "undefined" ? null : stored()),
);

export function prefer(change: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...change };
}

if (typeof localStorage !== "undefined") {
  effect(() => {
    const text = JSON.stringify(preferences.value);
    try {
      localStorage.setItem(KEY, text);
    } catch {
      // Storage can be forbidden; the choice then lasts as long as the page.
    }
  });
}
