// The filters: one state, kept in the address as #section?name=value, offered as lists with counts.
const FILTERS = [
  ["verdict", "Verdict"], ["division", "Division"], ["submitter", "Submitter"], ["system", "System"],
  ["benchmark", "Benchmark"], ["scenario", "Scenario"], ["level", "Level"], ["rule", "Rule"],
];
const NAMES = FILTERS.map(([name]) => name);
const OF_FINDINGS = new Set(["level", "rule"]);
const state = { q: "" };
const listeners = [];
const controls = {};

function haystack(item) {
  item.text ??= (item.kind === "result"
    ? [item.location, item.model, item.scenario, item.word, item.category, item.type, item.reason, item.number?.printed]
    : [item.rule, RULES.get(item.rule)?.name, RULES.get(item.rule)?.title, item.path, item.found, item.required,
       item.subcode, item.fingerprint, item.submitter, item.system, item.benchmark, item.scenario, ...item.evidence]
  ).join("\n").toLowerCase();
  return item.text;
}

function fits(item, name, wanted) {
  if (item.kind === "result" && OF_FINDINGS.has(name)) return item.findings.some((f) => f[name] === wanted);
  if (item.kind === "finding" && name === "verdict") return item.results.some((r) => r.verdict === wanted);
  return item[name] === wanted;
}

function matches(item, without = "") {
  for (const name of NAMES) if (name !== without && state[name] && !fits(item, name, state[name])) return false;
  if (!state.q) return true;
  const words = state.q.toLowerCase().split(/\s+/);
  const holds = (one) => words.every((word) => haystack(one).includes(word));
  return holds(item) || (item.kind === "result" && item.findings.some(holds));
}

function values(name) {
  const counts = new Map();
  const rows = OF_FINDINGS.has(name) ? FINDINGS : RESULTS;
  for (const row of rows) if (row[name]) counts.set(row[name], counts.get(row[name]) || 0);
  if (!OF_FINDINGS.has(name) && name !== "verdict") for (const f of FINDINGS) if (f[name] && !counts.has(f[name])) counts.set(f[name], 0);
  for (const row of rows) if (row[name] && matches(row, name)) counts.set(row[name], counts.get(row[name]) + 1);
  return [...counts].sort((a, b) => collator.compare(a[0], b[0]));
}

function offer() {
  for (const [name] of FILTERS) {
    const { select, label } = controls[name];
    const options = values(name);
    const useful = options.filter(([value, count]) => count > 0 || value === state[name] || !OF_FINDINGS.has(name) && options.length < 200);
    select.replaceChildren(el("option", { value: "" }, "all"),
      ...useful.map(([value, count]) => el("option", { value }, `${value.replace("_", " ")} (${count})`)));
    select.value = state[name] || "";
    if (state[name] && select.value !== state[name]) select.append(el("option", { value: state[name], selected: true }, `${state[name]} (0)`));
    select.classList.toggle("set", !!state[name]);
    label.hidden = options.length < 2 && !state[name];
  }
  if (document.activeElement !== controls.q) controls.q.value = state.q;
  controls.clear.disabled = !state.q && NAMES.every((name) => !state[name]);
}

function query() {
  const given = [...NAMES, "q"].filter((name) => state[name]).map((name) => [name, state[name]]);
  return new URLSearchParams(given).toString();
}

function changed(section = "") {
  const words = query();
  const hash = words ? `#${section}?${words}` : section ? `#${section}` : "#";
  history.replaceState(null, "", hash);
  offer();
  for (const listen of listeners) listen();
}

// An address names what it wants; a link inside the page replaces all filters.
function fromAddress(scroll) {
  const [section, words = ""] = location.hash.slice(1).split("?");
  if (!location.hash.includes("?") && section) return;
  const given = new URLSearchParams(words);
  for (const name of [...NAMES, "q"]) state[name] = given.get(name) || "";
  offer();
  for (const listen of listeners) listen();
  const target = section && byId(section);
  if (target && scroll) {
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }
}

function buildFilters() {
  const form = el("form", { on: { submit: (event) => event.preventDefault() } });
  let waiting = 0;
  controls.q = el("input", { type: "search", placeholder: "path, number, text …", spellcheck: "false", on: {
    input: () => { clearTimeout(waiting); waiting = setTimeout(() => { state.q = controls.q.value.trim(); changed(); }, 120); },
  } });
  for (const [name, title] of FILTERS) {
    const select = el("select", { name, on: { change: () => { state[name] = select.value; changed(); } } });
    const label = el("label", {}, title, select);
    controls[name] = { select, label };
    form.append(label);
  }
  controls.clear = el("button", { type: "button", class: "plain", on: { click: () => {
    for (const name of [...NAMES, "q"]) state[name] = "";
    controls.q.value = "";
    changed();
  } } }, "Clear");
  controls.told = el("output", { "aria-live": "polite" });
  form.append(el("label", { class: "text" }, "Text", controls.q), controls.clear, controls.told);
  byId("filters").append(form);
  addEventListener("hashchange", () => fromAddress(true));
}
