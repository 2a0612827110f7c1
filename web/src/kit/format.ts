/** Numbers as people read them. Units are spelled as the field does; times are unambiguous. */

/** `4:05`, `1:02:03`; the hours appear when there are any, or when *like* has them. */
export function clock(seconds: number, like: number = seconds): string {
  if (!Number.isFinite(seconds)) return "–:––";
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, "0");
  if (hours > 0 || like >= 3600) return `${hours}:${String(minutes).padStart(2, "0")}:${tail}`;
  return `${minutes}:${tail}`;
}

/** A film's length in words: `58 s`, `9 min 56 s`, `1 h 42 min`. */
export function length(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 && minutes < 20 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/** The same for a screen reader's ear: `9 minutes 56 seconds`. */
export function spoken(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const part = (count: number, unit: string) =>
    count ? [`${count} ${unit}${count === 1 ? "" : "s"}`] : [];
  const parts = [
    ...part(Math.floor(whole / 3600), "hour"),
    ...part(Math.floor(whole / 60) % 60, "minute"),
    ...part(whole % 60, "second"),
  ];
  return parts.join(" ") || "0 seconds";
}

/** Bits a second: `640 kb/s`, `4.8 Mb/s`. */
export function rate(bits: number): string {
  if (bits < 1_000) return `${Math.round(bits)} b/s`;
  if (bits < 1_000_000) return `${Math.round(bits / 1_000)} kb/s`;
  return `${(bits / 1_000_000).toFixed(bits < 100_000_000 ? 1 : 0)} Mb/s`;
}

/** Bytes, in powers of ten as disks and networks count: `52.4 MB`. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = count;
  let unit = "B";
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1_000;
    unit = next;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** A multiple of real time: `3.4×`. */
export function speed(multiple: number): string {
  return `${multiple < 10 ? multiple.toFixed(1) : Math.round(multiple)}×`;
}

export function percent(fraction: number): string {
  return `${Math.round(Math.min(1, Math.max(0, fraction)) * 100)} %`;
}

/** The name of a rung's picture as viewers know it: `720p`, `4K`. */
export function pictureName(width: number | null, height: number | null): string {
  if (!width || !height) return "";
  const lines = Math.min(width, height);
  const longer = Math.max(width, height);
  if (longer >= 7_680) return "8K";
  if (longer >= 3_840) return "4K";
  if (longer / lines < 1.7) return `${lines}p`; // 4:3 and the like go by their lines
  const known = [1440, 1080, 720, 576, 540, 480, 432, 360, 270, 240, 234, 180, 144];
  const wide = known.find((one) => Math.abs(Math.round((one * 16) / 9) - longer) <= 2);
  return `${wide ?? lines}p`;
}

const languageNames = new Intl.DisplayNames(["en"], { type: "language" });

/** `en` → `English`, `und` → `Unknown language`. */
export function language(tag: string): string {
  if (!tag || tag === "und") return "Unknown language";
  try {
    return languageNames.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** An instant in the reader's own zone: `23 Nov 2026, 02:46`. */
export function instant(rfc3339: string): string {
  const at = new Date(rfc3339);
  return Number.isNaN(at.getTime()) ? rfc3339 : moment.format(at);
}

/** `12 minutes ago`, `yesterday`. */
export function ago(rfc3339: string, now: number = Date.now()): string {
  const seconds = (new Date(rfc3339).getTime() - now) / 1_000;
  if (!Number.isFinite(seconds)) return rfc3339;
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [86_400 * 365, "year"], [86_400 * 30, "month"], [86_400, "day"], [3_600, "hour"], [60, "minute"],
  ];
  for (const [size, unit] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return Math.abs(seconds) < 10 ? "just now" : relative.format(Math.trunc(seconds), "second");
}

/** Seconds between two instants; the second defaults to now. */
export function between(start: string, end: string | null | undefined, now = Date.now()): number {
  return ((end ? new Date(end).getTime() : now) - new Date(start).getTime()) / 1_000;
}
