/** The keyboard map: which verb a key means, and how the help overlay tells it. */

export type Verb =
  | { do: "toggle" | "mute" | "fullscreen" | "captions" | "help" | "stats" | "start" | "end" | "pip" }
  | { do: "skip"; seconds: number }
  | { do: "volume"; change: number }
  | { do: "part"; fraction: number }
  | { do: "speed"; change: 1 | -1 }
  | { do: "frame"; change: 1 | -1 };

/** What *key* (as `KeyboardEvent.key` names it) means, or null. */
export function verbOf(key: string): Verb | null {
  switch (key) {
    case " ":
    case "k":
    case "K":
      return { do: "toggle" };
    case "ArrowLeft":
      return { do: "skip", seconds: -5 };
    case "ArrowRight":
      return { do: "skip", seconds: 5 };
    case "j":
    case "J":
      return { do: "skip", seconds: -10 };
    case "l":
    case "L":
      return { do: "skip", seconds: 10 };
    case "ArrowUp":
      return { do: "volume", change: 0.05 };
    case "ArrowDown":
      return { do: "volume", change: -0.05 };
    case "m":
    case "M":
      return { do: "mute" };
    case "f":
    case "F":
      return { do: "fullscreen" };
    case "c":
    case "C":
      return { do: "captions" };
    case "p":
    case "P":
      return { do: "pip" };
    case "<":
      return { do: "speed", change: -1 };
    case ">":
      return { do: "speed", change: 1 };
    case ",":
      return { do: "frame", change: -1 };
    case ".":
      return { do: "frame", change: 1 };
    case "?":
      return { do: "help" };
    case "d":
    case "D":
      return { do: "stats" };
    case "Home":
      return { do: "start" };
    case "End":
      return { do: "end" };
    default:
      return /^[0-9]$/.test(key) ? { do: "part", fraction: Number(key) / 10 } : null;
  }
}

export const KEY_HELP: readonly [string[], string][] = [
  [["space", "k"], "Play or pause"],
  [["←", "→"], "Back or on 5 seconds"],
  [["j", "l"], "Back or on 10 seconds"],
  [["0", "…", "9"], "Jump to a tenth of the film"],
  [[",", "."], "One picture back or on, paused"],
  [["<", ">"], "Slower or faster"],
  [["↑", "↓"], "Louder or quieter"],
  [["m"], "Mute"],
  [["c"], "Captions on or off"],
  [["f"], "Full screen"],
  [["p"], "Picture in picture"],
  [["d"], "Stats for nerds"],
  [["?"], "This list"],
];

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** The next speed up or down from *rate*. */
export function nextSpeed(rate: number, change: 1 | -1): number {
  const options = change > 0 ? SPEEDS.filter((one) => one > rate + 0.01) : SPEEDS.filter((one) => one < rate - 0.01);
  return (change > 0 ? options[0] : options.at(-1)) ?? rate;
}
