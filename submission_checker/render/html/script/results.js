// The table of results; each number opens how it follows from the files.
const groupKey = (row) => [row.model || row.benchmark, row.scenario, row.number?.unit].join("\u0000");
const GROUPS = new Map();
for (const row of RESULTS) {
  if (!row.number) continue;
  const key = groupKey(row);
  GROUPS.has(key) ? GROUPS.get(key).push(row) : GROUPS.set(key, [row]);
}

const verdictCell = (row) => el("span", { class: `verdict ${row.verdict}` }, mark(row.verdict), row.word);
const numberCell = (number) => [Number(number.printed).toLocaleString("en", { maximumFractionDigits: 6 }), " ", el("span", { class: "unit" }, number.unit)];

const RESULT_COLUMNS = [
  { title: "Details", cell: (row, opener) => opener("open-row", `Details of ${row.location}`) },
  { title: "Verdict", sort: (row) => VERDICT_KEYS.indexOf(row.verdict) || 9, cell: verdictCell, css: "nowrap" },
  { title: "Division", sort: (row) => row.division, cell: (row) => row.division, css: "huge-only", used: new Set(RESULTS.map((r) => r.division)).size > 1 },
  { title: "Submitter", css: "wide-only", sort: (row) => row.submitter, cell: (row) => breaking(row.submitter) },
  { title: "System", sort: (row) => row.system, cell: (row) => [el("small", { class: "narrow-only" }, breaking(row.submitter)), breaking(row.system)] },
  { title: "Benchmark", sort: (row) => row.benchmark, cell: (row) => [breaking(row.benchmark), el("small", { class: "narrow-only" }, row.scenario)] },
  { title: "Scenario", css: "wide-only", sort: (row) => row.scenario, cell: (row) => row.scenario },
  { title: "Result", css: "n", down: true, sort: (row) => row.number?.value ?? null, cell: (row, opener) => (row.number
    ? [opener("figure", `${figure(row.number)}: how it follows`, numberCell(row.number)), row.inferred ? [el("br"), el("small", {}, "inferred")] : ""] : "–") },
  { title: "Accuracy", css: "n wide-only nowrap printed", sort: (row) => row.accuracyShare, cell: (row, opener) => (row.accuracyShare === null ? "–"
    : opener(`figure${row.accuracyShare < 1 ? " missed" : ""}`, `${percentOf(row.accuracyShare)} of the target: each metric`, percentOf(row.accuracyShare))) },
  { title: "Latency", css: "n wide-only nowrap printed", sort: (row) => row.latencyShare, cell: (row, opener) => (row.latencyShare === null ? "–"
    : opener(`figure${row.latencyShare > 1 ? " missed" : ""}`, `${percentOf(row.latencyShare)} of the bound: each percentile`, percentOf(row.latencyShare))), used: RESULTS.some((r) => r.latencyShare !== null) },
  { title: "Power", css: "n wide-only printed", down: true, sort: (row) => row.power?.value ?? null, used: RESULTS.some((r) => r.power || r.nameplate), cell: (row, opener) => [
    row.power ? opener("figure", `${figure(row.power)}: how it follows`, significant(row.power.value), " ", el("span", { class: "unit" }, row.power.unit)) : row.nameplate ? "" : "–",
    row.nameplate ? el("small", { class: "nameplate" }, row.power ? el("br") : "", `nameplate ${significant(row.nameplate.value)} ${row.nameplate.unit}`) : ""] },
  { title: "Findings", css: "nowrap", down: true, sort: (row) => row.errors * 1e6 + row.warnings || null, cell: (row) => [
    row.errors ? el("span", { class: "error verdict" }, mark("error"), row.errors, " ") : "",
    row.warnings ? el("span", { class: "warning verdict" }, mark("warning"), row.warnings) : "" ] },
];

function stepsPart(row) {
  return row.steps.length ? el("section", {}, el("h4", {}, "How the numbers follow"), el("ol", { class: "derivation" },
    row.steps.map((step) => el("li", {}, el("code", {}, `${step.key} = ${step.value}`), el("br"),
      step.formula, el("br"), el("small", {}, place(step.path, step.line, row.location)))))) : null;
}

function accuracyPart(row) {
  return row.accuracy.length ? el("section", {}, el("h4", {}, "Accuracy against its target"), row.accuracy.map((a) => {
    const met = (a.lower === null || a.value >= a.lower) && (a.upper === null || a.value <= a.upper);
    return el("div", {}, el("p", {}, `${a.metric} `, el("b", {}, significant(a.value, 8)), ` ${a.unit} `,
      el("small", {}, a.required ? `required ${a.required}` : "no target here", " · ", a.path ? place(a.path, a.line, row.location) : "")),
      rangePlot(`${a.metric} ${a.value}, required ${a.required}`, a.value, a.lower, a.upper, met ? "valid" : "invalid"));
  })) : null;
}

function latencyPart(row) {
  const kinds = [...new Set(row.latencies.map((p) => p.kind))];
  return kinds.length ? el("section", {}, el("h4", {}, "Latency percentiles against their bound"), kinds.map((kind) => {
    const points = row.latencies.filter((p) => p.kind === kind);
    const judged = points.find((p) => p.bound);
    const shown = judged || points.find((p) => p.percentile === 99) || points.at(-1);
    return el("div", {}, el("p", {}, `${kind} p${shown.percentile} `, el("b", {}, ms(shown.value)), " ",
      el("small", {}, judged ? `bound ${ms(judged.bound)} (${percentOf(judged.value / judged.bound)} of it) · ` : "no bound in this round · ", place(shown.path, shown.line, row.location))),
      latencyPlot(kind, points));
  })) : null;
}

function peersPart(row) {
  const group = (row.number && GROUPS.get(groupKey(row))) || [];
  if (group.length < 2) return null;
  const all = group.map((r) => r.number.value);
  return el("section", {}, el("h4", {}, `Beside ${counted(group.length - 1, "other result")} of ${row.model || row.benchmark} ${row.scenario}`),
    stripPlot(`${told(row)}; others ${Math.min(...all)} to ${Math.max(...all)}`, group, (r) => r.number.value, { chosen: row, log: wantsLog(all), y: 16 }),
    el("p", {}, el("small", {}, `${significant(Math.min(...all))} to ${significant(Math.max(...all))} ${row.number.unit}, ${wantsLog(all) ? "logarithmic" : "linear"}; systems differ in size`)));
}

function findingsPart(row) {
  if (!row.findings.length) return null;
  const shown = row.findings.slice(0, 12);
  const words = new URLSearchParams({ division: row.division, submitter: row.submitter, system: row.system, benchmark: row.benchmark, scenario: row.scenario });
  return el("section", {}, el("h4", {}, "Findings about it"), el("ul", { class: "plain" }, shown.map((f) => el("li", {},
    el("span", { class: `verdict ${f.level}` }, mark(f.level)), el("a", { href: `#findings?${new URLSearchParams({ q: f.fingerprint })}` }, f.rule), " ",
    RULES.get(f.rule)?.title || "", row.deciding.has(f.id) ? el("b", {}, " decides the verdict") : "", el("br"), el("small", {}, "found ", f.found)))),
    row.findings.length > shown.length ? el("a", { href: `#findings?${words}` }, `and ${row.findings.length - shown.length} more`) : null);
}

function resultDetail(row) {
  const facts = [row.division, row.category, row.type, row.model && row.model !== row.benchmark ? `judged as ${row.model}` : ""].filter(Boolean);
  return [
    el("p", { class: "result-line" }, verdictCell(row), row.reason ? ` (${row.reason})` : "", " · ", row.number ? el("b", {}, figure(row.number)) : "no number",
      row.power ? [" · ", el("b", {}, figure(row.power))] : "", row.nameplate ? ` · nameplate ${figure(row.nameplate)}` : "", el("br"), el("small", {}, facts.join(" · "), " · ", place(row.location, null))),
    el("div", { class: "parts" }, stepsPart(row), findingsPart(row), peersPart(row), accuracyPart(row), latencyPart(row)),
  ];
}
