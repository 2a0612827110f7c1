import { language } from "../kit/format";

/** `film.sv.srt` is Swedish; a name that does not say gives "". */
export function languageOf(filename: string): string {
  const tag = /\.([a-z]{2,3}(?:-[A-Za-z]{2,4})?)\.[^.]+$/.exec(filename)?.[1] ?? "";
  return tag && language(tag) !== tag ? tag : "";
}
