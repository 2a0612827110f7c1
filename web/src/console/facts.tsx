/** Tables of what a title is made from and made into. */

import type { MediaInfo, RungSummary, Title } from "../api/types";
import { bytes, clock, language, rate } from "../kit/format";

export function RungTable({ rungs }: { rungs: RungSummary[] }) {
  const top = Math.max(...rungs.map((one) => one.bandwidth), 1);
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Rungs">
      <table>
        <thead>
          <tr>
            <th scope="col">Rung</th><th scope="col">Codec</th><th scope="col" class="right">Picture</th>
            <th scope="col" class="right">Frames/s</th><th scope="col" class="right" title="Highest measured rate over any run of segments">Peak</th>
            <th scope="col" class="right">Average</th><th scope="col" class="right">Size</th><th scope="col" class="grow"><span class="hidden-text">Peak as a bar</span></th>
          </tr>
        </thead>
        <tbody>
          {rungs.map((one) => (
            <tr key={one.name}>
              <th scope="row" class="mono">{one.name}</th>
              <td class="mono">{one.codec}</td>
              <td class="right">{one.width} × {one.height}</td>
              <td class="right">{Number(one.frame_rate.toFixed(3))}</td>
              <td class="right">{rate(one.bandwidth)}</td>
              <td class="right">{rate(one.average_bandwidth)}</td>
              <td class="right">{bytes(one.size)}</td>
              <td class="grow">
                <span class="rate-bar" aria-hidden="true">
                  <span style={{ width: `${(one.bandwidth / top) * 100}%` }} />
                  <i style={{ left: `${(one.average_bandwidth / top) * 100}%` }} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function fps(numerator: number, denominator = 1): string {
  return String(Number((numerator / denominator).toFixed(3)));
}

export function SourceFacts({ title, info }: { title: Title; info: MediaInfo | null }) {
  const rows: [string, string][] = [
    ["File", title.source.filename],
    ...(title.source.url ? [["From", title.source.url] as [string, string]] : []),
    ["Ladder", title.ladder?.includes("\n") ? "own (TOML)" : (title.ladder ?? "auto")],
  ];
  if (info) {
    rows.push(["Container", info.container], ["Length", clock(info.duration)], ["Size", bytes(info.size)], ["Rate", rate(info.bit_rate)]);
  }
  const tracks: [string, string][] = [];
  for (const one of info?.video ?? []) {
    const colour = one.colour;
    tracks.push([
      `Video ${one.index}`,
      [
        [one.codec, one.profile].filter(Boolean).join(" "),
        `${one.width} × ${one.height}`,
        `${fps(one.frame_rate.numerator, one.frame_rate.denominator)} frames/s${one.variable_frame_rate ? " (varies)" : ""}`,
        one.rotation ? `turned ${one.rotation}°` : "",
        one.field_order && one.field_order !== "progressive" ? `interlaced (${one.field_order})` : "",
        colour ? [colour.primaries, `${colour.bit_depth ?? 8} bit`, colour.chroma, colour.video_range].filter(Boolean).join(" ") : "",
        one.bit_rate ? rate(one.bit_rate) : "",
      ].filter(Boolean).join(" · "),
    ]);
  }
  for (const one of info?.audio ?? []) {
    tracks.push([
      `Audio ${one.index}`,
      [one.codec, one.channel_layout ?? `${one.channels} channels`, `${one.sample_rate / 1000} kHz`,
        one.language ? language(one.language) : "", one.label ?? "", one.bit_rate ? rate(one.bit_rate) : ""].filter(Boolean).join(" · "),
    ]);
  }
  for (const one of info?.text ?? []) {
    tracks.push([
      `Text ${one.index}`,
      [one.codec, one.language ? language(one.language) : "", one.forced ? "forced" : "", one.hearing_impaired ? "for the deaf" : "",
        one.bitmap ? "pictures, cannot become text" : ""].filter(Boolean).join(" · "),
    ]);
  }
  if (info?.chapters?.length) tracks.push(["Chapters", info.chapters.map((one) => one.title || clock(one.start)).join(", ")]);
  for (const [name, text] of Object.entries(info?.tags ?? {})) tracks.push([name, text]);
  return (
    <>
      <dl class="pairs num">
        {[...rows, ...tracks].map(([name, text], index) => (
          <div key={index}><dt>{name}</dt><dd>{text}</dd></div>
        ))}
      </dl>
      {info?.warnings?.map((text) => <div class="notice warn" key={text}>{text}</div>)}
    </>
  );
}

export function Languages({ title }: { title: Title }) {
  const audio = title.audio_languages ?? [];
  const text = title.text_languages ?? [];
  const cars = title.source.subtitles ?? [];
  return (
    <dl class="pairs">
      <div><dt>Sound</dt><dd>{audio.map(language).join(", ") || "None"}</dd></div>
      <div><dt>Subtitles</dt><dd>{text.map(language).join(", ") || "None"}</dd></div>
      {cars.map((one) => (
        <div key={one.key}><dt>Side-car</dt><dd><span class="mono">{one.filename}</span> · {language(one.language)}</dd></div>
      ))}
    </dl>
  );
}
