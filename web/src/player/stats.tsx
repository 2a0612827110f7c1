/** Stats for nerds: what the player is doing, in numbers and two small plots of the last minute. */

import { useEffect, useState } from "preact/hooks";
import { rate } from "../kit/format";
import { Icon } from "../kit/icons";
import type { Engine } from "./engine";
import type { Statistics } from "./statistics";

const KEPT = 60;

interface PlotProps {
  label: string;
  values: number[];
  unit: (value: number) => string;
}

function Plot({ label, values, unit }: PlotProps) {
  const top = Math.max(1, ...values) * 1.1;
  const points = values
    .map((value, index) => `${((index + KEPT - values.length) / (KEPT - 1)) * 200},${40 - (value / top) * 38}`)
    .join(" ");
  return (
    <figure class="plot">
      <figcaption>
        {label} <b class="num">{unit(values.at(-1) ?? 0)}</b>
      </figcaption>
      <svg viewBox="0 0 200 42" preserveAspectRatio="none" role="img" aria-label={`${label} over the last minute`}>
        <path d="M0 40.500H200" class="plot-axis" />
        <polyline points={points} class="plot-line" />
      </svg>
      <span class="plot-scale num" aria-hidden="true">
        <span>60 s ago</span>
        <span>top {unit(top / 1.1)}</span>
        <span>now</span>
      </span>
    </figure>
  );
}

export function Stats({ engine, session, close }: { engine: Engine; session: string; close: () => void }) {
  const [history, setHistory] = useState<Statistics[]>([engine.statistics()]);
  useEffect(() => {
    const timer = setInterval(
      () => setHistory((old) => [...old.slice(1 - KEPT), engine.statistics()]),
      1_000,
    );
    return () => clearInterval(timer);
  }, [engine]);
  const now = history.at(-1);
  if (!now) return null;
  const rows: [string, string][] = [
    ["Rung", `${now.rung} · ${rate(now.bandwidth)}${engine.automatic.value ? " · auto" : ""}`],
    ["Codecs", now.codecs],
    ["Protocol", now.protocol],
    ["Dropped frames", `${now.dropped} of ${now.decoded}`],
    ["Stalls", String(now.stalls)],
    ["Start-up", `${now.loadTime.toFixed(2)} s`],
    ...(now.latency === null ? [] : ([["Latency", `${now.latency.toFixed(1)} s`]] as [string, string][])),
    ["Title", session],
  ];
  return (
    <section class="stats" aria-label="Stats for nerds">
      <button type="button" class="control" aria-label="Close stats" onClick={close}>
        <Icon name="close" />
      </button>
      <dl class="num">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Plot label="Buffer" values={history.map((one) => one.buffer)} unit={(value) => `${value.toFixed(1)} s`} />
      <Plot label="Bandwidth estimate" values={history.map((one) => one.estimate)} unit={rate} />
    </section>
  );
}
