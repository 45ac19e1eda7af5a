// Elements are made from text nodes only: no string of a submission is ever read as markup.
const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}
const el = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

// Text that may break after the separators of paths and names.
function breaking(text) {
  const parts = text.split(/(?<=[/_\-.])(?=[^/_\-.])/);
  return parts.length > 60 ? [text] : parts.flatMap((part, i) => (i ? [el("wbr"), part] : [part]));
}

const mark = (css) => el("i", { class: `mark ${css}`, "aria-hidden": "true" });
const counted = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
const significant = (value, digits = 4) =>
  value.toLocaleString("en", { maximumSignificantDigits: digits, useGrouping: true });
const percentOf = (share) => `${(share * 100).toFixed(share >= 0.9995 && share < 1.0005 ? 2 : 1)} %`;
const ms = (ns) => `${significant(ns / 1e6)} ms`;
// A place, told from the folder of its result where it lies below it.
function place(path, line, root = "") {
  const short = root && path.startsWith(`${root}/`) ? `…/${path.slice(root.length + 1)}` : path;
  return el("code", { title: path }, breaking(short), line ? `:${line}` : "");
}
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
function compare(a, b) {
  if (a === b) return 0;
  if (a === null || a === "") return 1;
  if (b === null || b === "") return -1;
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}
