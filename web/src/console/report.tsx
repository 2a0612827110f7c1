/** The verdict of the rule checker, gravest first, each finding with rule, place and section. */

import type { Finding, Report, Severity } from "../api/types";

const GRAVITY: Severity[] = ["error", "warning", "info"];
const LOOKS: Record<Severity, [string, string, string]> = {
  error: ["bad", "Error", "Errors"],
  warning: ["busy-still", "Warning", "Warnings"],
  info: ["idle", "Note", "Notes"],
};

function byRule(findings: Finding[]): [string, Finding[]][] {
  const groups = new Map<string, Finding[]>();
  for (const one of findings) groups.set(one.rule, [...(groups.get(one.rule) ?? []), one]);
  return [...groups];
}

export function ReportView({ report }: { report: Report }) {
  const findings = report.findings ?? [];
  const passed = !findings.some((one) => one.severity === "error");
  const checked = Object.entries(report.checked ?? {}).map(([what, count]) => `${count} ${what}`).join(", ");
  return (
    <div class="report">
      <p class="report-verdict">
        <span class={`status ${passed ? "good" : "bad"}`}>{passed ? "Passed" : "Failed"}</span>
        <span class="soft num">
          {checked && `Checked ${checked}`}{report.seconds ? ` in ${report.seconds.toFixed(1)} s` : ""}
        </span>
      </p>
      {GRAVITY.map((severity) => {
        const found = findings.filter((one) => one.severity === severity);
        if (!found.length) return null;
        const [look, one, many] = LOOKS[severity];
        return (
          <section key={severity} aria-label={many}>
            <h3><span class={`status ${look}`}>{found.length} {found.length === 1 ? one.toLowerCase() : many.toLowerCase()}</span></h3>
            {byRule(found).map(([rule, group]) => (
              <div class="finding" key={rule}>
                <p><code>{rule}</code> <span class="soft small">{group[0]?.section}</span></p>
                <ul>
                  {group.map((each, index) => (
                    <li key={index}><span>{each.message}</span> <span class="soft mono">{each.place}</span></li>
                  ))}
                </ul>
              </div>
            ))}
          </section>
        );
      })}
      {!findings.length && <p class="soft">No rule of HLS, DASH or CMAF is broken.</p>}
    </div>
  );
}
