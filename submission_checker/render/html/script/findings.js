// The table of findings; each opens its explanation.
const subjectOf = (f) => [f.submitter, f.system, f.benchmark, f.scenario].filter(Boolean);
const FINDING_COLUMNS = [
  { title: "Details", cell: (f, opener) => opener("open-row", `Explain ${f.rule} at ${f.path}`) },
  { title: "Level", css: "nowrap", sort: (f) => -f.weight, cell: (f) => el("span", { class: `verdict ${f.level}` }, mark(f.level), f.level) },
  { title: "Rule", css: "nowrap", sort: (f) => f.rule, cell: (f, opener) => opener("figure", `Explain ${f.rule}`, f.rule) },
  { title: "Submitter", css: "wide-only", sort: (f) => f.submitter, cell: (f) => breaking(f.submitter), used: new Set(FINDINGS.map((f) => f.submitter)).size > 1 },
  { title: "System", sort: (f) => f.system, cell: (f) => [el("small", { class: "narrow-only" }, breaking(f.submitter)), breaking(f.system),
    el("small", { class: "narrow-only" }, breaking([f.benchmark, f.scenario].filter(Boolean).join(" ")))] },
  { title: "Benchmark", css: "wide-only", sort: (f) => f.benchmark, cell: (f) => [breaking(f.benchmark), f.scenario ? [" ", f.scenario] : ""] },
  { title: "Found", sort: (f) => f.found, cell: (f) => (f.found.length > 160 ? `${f.found.slice(0, 160)}…` : f.found) },
  { title: "Place", css: "wide-only printed", sort: (f) => f.path, cell: (f) => el("code", { title: f.path }, breaking(tail(f.path)), f.line ? `:${f.line}` : "") },
];
const tail = (path) => { const parts = path.split("/"); return parts.length > 3 ? `…/${parts.slice(-2).join("/")}` : path || "(the whole tree)"; };

function findingDetail(f) {
  const about = RULES.get(f.rule);
  const entry = (name, ...inside) => [el("dt", {}, name), el("dd", {}, inside)];
  return el("div", { class: `said ${f.level}` },
    el("p", { class: "result-line" }, el("b", {}, `${f.rule} ${about?.title || ""}`), " ", el("small", {}, about?.name || "")),
    el("dl", { class: "facts" },
      entry("found", f.found), entry("required", f.required), entry("why", f.why), entry("how to fix", f.fix),
      entry("place", f.path ? place(f.path, f.line) : "(the whole tree)", f.pointer ? [" ", el("code", {}, f.pointer)] : ""),
      subjectOf(f).length ? entry("about", [f.division, ...subjectOf(f), f.run].filter(Boolean).join(" · ")) : [],
      f.evidence.length ? entry("evidence", f.evidence.map((text) => el("div", { class: "mono" }, text))) : [],
      about?.source ? entry("source", about.url ? el("a", { href: about.url, rel: "noreferrer" }, about.source) : about.source) : [],
      f.suppressed ? entry("suppressed", `${f.suppressed.reason} (${f.suppressed.approved}; until ${f.suppressed.expires}); without it: ${f.said}`) : [],
      f.confidence !== "certain" ? entry("confidence", f.confidence) : [],
      entry("more", el("code", {}, `submission-checker explain ${f.rule} --round ${ROUND}`), " · ",
        el("a", { href: `#findings?${new URLSearchParams({ q: f.fingerprint })}` }, "link to this finding"), " ", el("small", {}, f.fingerprint))));
}
