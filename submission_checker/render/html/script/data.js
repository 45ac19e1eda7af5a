// The report's rows, decoded from indices into one pool of strings.
const VERDICTS = ["valid", "invalid", "incomplete", "not judged"];
const VERDICT_KEYS = ["valid", "invalid", "incomplete", "not_judged"];
const LEVELS = { 1: "info", 2: "warning", 3: "error" };
const RAW = JSON.parse(byId("report-data").textContent);
const S = RAW.strings;
const ROUND = S[RAW.round];
const RULES = new Map(Object.entries(RAW.rules).map(([rule, [name, title, source, url]]) =>
  [S[rule], { name: S[name], title: S[title], source: S[source], url: S[url] }]));

const number = (packed) => (packed ? { value: packed[0], unit: S[packed[1]], printed: S[packed[2]] } : null);

const FINDINGS = RAW.findings.map((f, id) => ({
  id, kind: "finding", weight: f[20] ? 0 : f[0], level: f[20] ? "suppressed" : LEVELS[f[0]], said: LEVELS[f[0]],
  rule: S[f[1]], division: S[f[2]], submitter: S[f[3]], system: S[f[4]], benchmark: S[f[5]], scenario: S[f[6]],
  run: S[f[7]], path: S[f[8]], line: f[9], pointer: S[f[10]], subcode: S[f[11]], found: S[f[12]],
  required: S[f[13]], why: S[f[14]], fix: S[f[15]], evidence: f[16].map((i) => S[i]), fingerprint: S[f[17]],
  absent: !!f[18], confidence: S[f[19]],
  suppressed: f[20] ? { reason: S[f[20][0]], approved: S[f[20][1]], expires: S[f[20][2]] } : null,
  results: [],
}));

const RESULTS = RAW.results.map((r, id) => ({
  id, kind: "result", verdict: VERDICT_KEYS[r[0]], word: VERDICTS[r[0]], division: S[r[1]], submitter: S[r[2]],
  system: S[r[3]], benchmark: S[r[4]], scenario: S[r[5]], location: S[r[6]], model: S[r[7]], type: S[r[8]],
  category: S[r[9]], reason: S[r[10]], inferred: !!r[11], number: number(r[12]), power: number(r[13]),
  accuracy: r[14].map((a) => ({ metric: S[a[0]], value: a[1], required: S[a[2]], unit: S[a[3]], path: S[a[4]],
    line: a[5], lower: a[6], upper: a[7] })),
  steps: r[15].map((s) => ({ path: S[s[0]], line: s[1], key: S[s[2]], value: S[s[3]], formula: S[s[4]] })),
  deciding: new Set(r[16]),
  latencies: r[17].map((p) => ({ kind: S[p[0]], percentile: p[1], value: p[2], bound: p[3], path: S[p[4]], line: p[5] })),
  nameplate: number(r[18]),
  findings: [],
}));

// A finding is about every result that agrees with all parts its subject names (a system at least).
const PARTS = ["division", "submitter", "system", "benchmark", "scenario"];
(function connect() {
  const groups = new Map();
  for (const finding of FINDINGS) {
    if (!finding.system) continue;
    const key = PARTS.map((part) => finding[part]).join("\u0000");
    groups.has(key) ? groups.get(key).push(finding) : groups.set(key, [finding]);
  }
  for (const result of RESULTS) {
    for (let mask = 0; mask < 32; mask++) {
      const key = PARTS.map((part, bit) => (mask & (1 << bit) ? result[part] : "")).join("\u0000");
      for (const finding of groups.get(key) || []) {
        result.findings.push(finding);
        finding.results.push(result);
      }
    }
    result.findings.sort((a, b) => b.weight - a.weight || a.id - b.id);
  }
})();

// The lowest accuracy relative to its target, and the highest bounded latency relative to its bound.
for (const result of RESULTS) {
  const shares = result.accuracy.filter((a) => a.lower > 0).map((a) => a.value / a.lower);
  result.accuracyShare = shares.length ? Math.min(...shares) : null;
  const tails = result.latencies.filter((p) => p.bound).map((p) => p.value / p.bound);
  result.latencyShare = tails.length ? Math.max(...tails) : null;
  result.errors = result.findings.filter((f) => f.level === "error").length;
  result.warnings = result.findings.filter((f) => f.level === "warning").length;
}
