// Results beside each other: one row per result; number, accuracy, tail latency and power as dots.
const GROUP_ROWS = 60;

function strip(rows, row, valueOf, text, options) {
  const value = valueOf(row);
  if (value === null) return el("td", { class: "strip n" }, "–");
  const scale = scaleOf([...rows.map(valueOf).filter((x) => x !== null), ...(options.bound === undefined ? [] : [options.bound])], options);
  const x = scale(value);
  const reach = options.bound !== undefined ? scale(options.bound) : options.log ? null : 1.5;
  return el("td", { class: "strip" }, el("small", {}, text), plot(text, line(1.5, 98.5, 9, "axis"),
    options.bound !== undefined ? upright(scale(options.bound), 1, 17, "bound") : null,
    reach === null ? null : svg("g", { class: options.css(row) }, line(Math.min(x, reach), Math.max(x, reach), 9, "reach")),
    dot(x, 9, options.css(row), null)));
}

function groupTable(rows) {
  const values = rows.map((row) => row.number.value);
  const columns = [
    ["Result", (row) => row.number.value, (row) => figure(row.number), { log: wantsLog(values), zero: !wantsLog(values), css: (row) => row.verdict }],
    ["Accuracy of its target", (row) => row.accuracyShare, (row) => percentOf(row.accuracyShare), { bound: 1, pad: 0.1, css: (row) => (row.accuracyShare >= 1 ? "valid" : "invalid") }],
    ["Tail latency of its bound", (row) => row.latencyShare, (row) => percentOf(row.latencyShare), { bound: 1, zero: true, css: (row) => (row.latencyShare <= 1 ? "valid" : "invalid") }],
    ["Power", (row) => row.power?.value ?? null, (row) => figure(row.power), { zero: true, css: () => "info" }],
  ].filter(([, valueOf]) => rows.some((row) => valueOf(row) !== null));
  const sorted = [...rows].sort((a, b) => b.number.value - a.number.value || a.id - b.id);
  const shown = sorted.slice(0, GROUP_ROWS);
  return [el("div", { class: "scroll" }, el("table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "System"), columns.map(([title, , , options]) =>
      el("th", { scope: "col" }, title, options.log ? " (log)" : "")))),
    el("tbody", {}, shown.map((row) => el("tr", {}, el("td", {}, el("span", { class: `verdict ${row.verdict}` }, mark(row.verdict), el("span", { class: "unseen" }, row.word)),
      el("a", { href: `#results?${new URLSearchParams({ q: row.location })}` }, breaking(row.system)), el("br"),
      el("small", {}, [row.submitter, row.division, row.benchmark !== row.model ? row.benchmark : ""].filter(Boolean).join(" · "))),
      columns.map(([, valueOf, text, options]) => strip(shown, row, valueOf, valueOf(row) === null ? "" : text(row), options))))))),
    sorted.length > shown.length ? el("p", { class: "hint" }, `and ${sorted.length - shown.length} more; narrow the filters to see them`) : null];
}

function drawPeers(rows) {
  const groups = new Map();
  for (const row of rows) {
    if (!row.number) continue;
    const key = groupKey(row);
    groups.has(key) ? groups.get(key).push(row) : groups.set(key, [row]);
  }
  const several = [...groups.values()].filter((group) => group.length > 1)
    .sort((a, b) => collator.compare(a[0].model || a[0].benchmark, b[0].model || b[0].benchmark) || collator.compare(a[0].scenario, b[0].scenario));
  byId("peer-groups").replaceChildren(...(several.length ? several.map((group) => {
    const values = group.map((row) => row.number.value);
    const name = `${group[0].model || group[0].benchmark} ${group[0].scenario}`;
    const range = `${significant(Math.min(...values))} – ${significant(Math.max(...values))} ${group[0].number.unit}`;
    const box = el("details", { class: "group", on: { toggle: () => { if (box.open && box.children.length === 1) box.append(...groupTable(group).filter(Boolean)); } } },
      el("summary", {}, el("span", {}, el("b", {}, name), " ", el("small", {}, counted(group.length, "result"))),
        stripPlot(`${name}: ${range}`, group, (row) => row.number.value, { log: wantsLog(values) }), el("small", { class: "n" }, range)));
    return box;
  }) : [el("p", { class: "empty" }, "No two results of one model and scenario fit the filters.")]));
}
