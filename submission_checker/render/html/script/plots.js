// Plots stretch with the page: positions are per cent of the width, marks keep their size.
function scaleOf(values, { log = false, pad = 0.05, zero = false } = {}) {
  const f = log ? Math.log : (x) => x;
  let low = f(Math.min(...values)), high = f(Math.max(...values));
  if (zero) low = Math.min(0, low);
  if (high === low) { low -= log ? 0.1 : Math.abs(low) * 0.05 || 1; high += log ? 0.1 : Math.abs(high) * 0.05 || 1; }
  const margin = (high - low) * pad;
  const start = zero && low === 0 ? 0 : low - margin;
  const span = high + margin - start;
  return (value) => Math.min(98.5, Math.max(1.5, ((f(value) - start) / span) * 97 + 1.5));
}
const at = (x) => `${x.toFixed(2)}%`;

function dot(x, y, css, title, size = 4.5) {
  const name = title ? [svg("title", {}, title)] : [];
  if (css === "invalid") {
    // Both strokes hang on the same percentage, so the cross keeps its form at any width.
    return svg("svg", { x: at(x), y, overflow: "visible", class: css }, svg("path", { class: "cross", d: "M-4-4 4 4M-4 4 4-4" }), name);
  }
  const form = css === "incomplete" || css === "not_judged" ? "hollow" : "dot";
  return svg("g", { class: css }, svg("circle", { class: form, cx: at(x), cy: y, r: size }, name));
}
const line = (x1, x2, y, css) => svg("line", { x1: at(x1), x2: at(x2), y1: y, y2: y, class: css });
const upright = (x, y1, y2, css, title) => svg("line", { x1: at(x), x2: at(x), y1, y2, class: css }, title ? [svg("title", {}, title)] : []);
function label(x, y, text) {
  const anchor = x < 12 ? "start" : x > 88 ? "end" : "middle";
  return svg("text", { x: at(x), y, "text-anchor": anchor }, text);
}
const plot = (name, ...marks) => svg("svg", { class: "plot", role: "img", "aria-label": name }, marks);

// One value on a line, with its bounds: accuracy against its target.
function rangePlot(name, value, lower, upper, css) {
  const ends = [value, lower, upper].filter((x) => x !== null);
  const scale = scaleOf(ends, { pad: ends.length > 1 ? 0.25 : 0.05 });
  const band = [lower === null ? 1.5 : scale(lower), upper === null ? 98.5 : scale(upper)];
  return plot(name,
    svg("rect", { class: "band", x: at(band[0]), width: at(Math.max(0, band[1] - band[0])), y: 6, height: 14 }),
    line(1.5, 98.5, 13, "axis"),
    lower === null ? null : [upright(scale(lower), 3, 23, "bound"), label(scale(lower), 38, significant(lower, 6))],
    upper === null ? null : [upright(scale(upper), 3, 23, "bound"), label(scale(upper), 38, significant(upper, 6))],
    dot(scale(value), 13, css, `${value}`));
}

// The percentiles of one kind of latency on a logarithmic line, with the bound.
function latencyPlot(kind, points) {
  const bounded = points.find((p) => p.bound);
  const scale = scaleOf([...points.map((p) => p.value), ...(bounded ? [bounded.bound] : [])], { log: true, pad: 0.06 });
  const name = points.map((p) => `p${p.percentile} ${ms(p.value)}`).join(", ") + (bounded ? `, bound ${ms(bounded.bound)}` : "");
  let last = -99;
  const labels = [...points].sort((a, b) => !!b.bound - !!a.bound || a.value - b.value).filter((p, _, all) =>
    p === all[0] || Math.abs(scale(p.value) - scale(all[0].value)) > 9).sort((a, b) => a.value - b.value)
    .filter((p) => { const x = scale(p.value); if (x - last < 9 && !p.bound) return false; last = x; return true; });
  const sorted = points.map((p) => p.value).sort((a, b) => a - b);
  const met = !bounded || bounded.value <= bounded.bound;
  return plot(`${kind}: ${name}`,
    bounded ? svg("rect", { class: "band", x: at(1.5), width: at(Math.max(0, scale(bounded.bound) - 1.5)), y: 6, height: 14 }) : null,
    line(1.5, 98.5, 13, "axis"), line(scale(sorted[0]), scale(sorted.at(-1)), 13, "axis"),
    bounded ? upright(scale(bounded.bound), 1, 25, "bound", `bound ${ms(bounded.bound)}`) : null,
    points.map((p) => p.bound ? dot(scale(p.value), 13, met ? "valid" : "invalid", `p${p.percentile} ${ms(p.value)}`, 5)
      : svg("circle", { class: "peer", cx: at(scale(p.value)), cy: 13, r: 3.5 }, svg("title", {}, `p${p.percentile} ${ms(p.value)}`))),
    labels.map((p) => label(scale(p.value), 38, `p${p.percentile}`)));
}

// All values of a group on one line; the chosen one stands out.
function stripPlot(name, rows, valueOf, { chosen = null, log = false, y = 10, bound = null } = {}) {
  const values = rows.map(valueOf).filter((x) => x !== null);
  if (!values.length) return null;
  const scale = scaleOf(bound === null ? values : [...values, bound], { log });
  const marks = rows.filter((row) => row !== chosen && valueOf(row) !== null).map((row) => chosen
    ? svg("circle", { class: "peer", cx: at(scale(valueOf(row))), cy: y, r: 4 }, svg("title", {}, told(row)))
    : dot(scale(valueOf(row)), y, row.verdict, told(row), 4));
  return plot(name, line(1.5, 98.5, y, "axis"), bound === null ? null : upright(scale(bound), y - 8, y + 8, "bound"),
    marks, chosen && valueOf(chosen) !== null ? dot(scale(valueOf(chosen)), y, chosen.verdict, told(chosen), 6) : null);
}
const figure = (number) => `${Number(number.printed).toLocaleString("en", { maximumFractionDigits: 6 })} ${number.unit}`;
const told = (row) => `${row.submitter} ${row.system} (${row.division}): ${row.number ? figure(row.number) : "no number"}, ${row.word}`;
const wantsLog = (values) => Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > 20;
