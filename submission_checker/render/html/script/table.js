// A table that sorts by its heads, shows one page of rows at a time, and opens rows.
const PAGE = 100;
const PRINTED = 1000;

function makeTable({ holder, noun, columns, detail, sort }) {
  let rows = [], order = { ...sort }, from = 0, size = PAGE;
  const opened = new Set();
  const shown = columns.filter((column) => column.used !== false);
  const heads = shown.map((column) => {
    const head = el("th", { scope: "col", role: "columnheader", class: `${column.css || ""} c-${column.title.toLowerCase()}` });
    if (column.sort) {
      head.append(el("button", { type: "button", on: { click: () => sortBy(column) } }, column.title));
    } else head.append(el("span", { class: "unseen" }, column.title));
    return head;
  });
  // Roles are said, as rows become cards on phones and browsers forget then what is a table.
  const body = el("tbody", { role: "rowgroup" });
  const pagers = [el("div", { class: "pager" })];
  // Narrow pages show fewer heads; there a list of all orders stands above the table.
  const orders = shown.filter((one) => one.sort).flatMap((one) => [[one, false, "↑"], [one, true, "↓"]]);
  const sorter = el("select", { on: { change: () => { const [one, down] = orders[sorter.selectedIndex]; sortBy(one, down); } } },
    orders.map(([one, , arrow]) => el("option", {}, `${one.title} ${arrow}`)));
  holder.append(el("label", { class: "sorter narrow-only" }, "Sort by ", sorter), el("div", { class: "scroll" },
    el("table", { class: "rows", role: "table" }, el("caption", { class: "unseen" }, noun),
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads)), body)), pagers[0]);

  function sortBy(column, wanted = null) {
    const down = wanted ?? (order.title === column.title ? !order.down : !!column.down);
    order = { title: column.title, down };
    from = 0;
    arrange();
    draw();
  }
  function arrange() {
    const column = shown.find((one) => one.title === order.title);
    const keys = new Map(rows.map((row) => [row, column.sort(row)]));
    const sign = order.down ? -1 : 1;
    rows.sort((a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      const absent = (x === null || x === "") - (y === null || y === "");
      return absent || sign * compare(x, y) || a.id - b.id;
    });
    sorter.selectedIndex = orders.findIndex(([one, down]) => one === column && down === !!order.down);
    shown.forEach((one, i) => {
      if (one.sort) heads[i].setAttribute("aria-sort", one.title !== order.title ? "none" : order.down ? "descending" : "ascending");
    });
  }
  function toggle(row, line, button) {
    const next = line.nextElementSibling;
    const open = !opened.has(row.id);
    open ? opened.add(row.id) : opened.delete(row.id);
    line.classList.toggle("open", open);
    for (const one of line.querySelectorAll("[aria-expanded]")) one.setAttribute("aria-expanded", String(open));
    if (next?.classList.contains("detail")) next.remove();
    if (open) line.after(detailLine(row));
    button?.focus({ preventScroll: true });
  }
  // As many columns as are to be seen: hidden heads would make a detail wider than the page.
  let printing = false;
  const onPaper = shown.filter(({ css = "", title }) => title !== "Details" && (css.includes("printed") || !css.includes("-only"))).length;
  const span = () => (printing ? onPaper : heads.filter((head) => getComputedStyle(head).display !== "none").length);
  const detailLine = (row) => el("tr", { class: "detail", role: "row", id: `${noun}-${row.id}` }, el("td", { role: "cell", colspan: span() }, detail(row)));
  addEventListener("resize", () => {
    for (const cell of body.querySelectorAll("tr.detail > td")) cell.colSpan = span();
  });
  function line(row) {
    const node = el("tr", { role: "row", class: opened.has(row.id) ? "row open" : "row" });
    const open = (event) => { event.stopPropagation(); toggle(row, node, event.currentTarget); };
    const opener = (css, label, ...inside) => el("button", { type: "button", class: css, "aria-label": label,
      "aria-expanded": String(opened.has(row.id)), on: { click: open } }, inside);
    node.append(...shown.map((column) => el("td", { role: "cell", class: `${column.css || ""} c-${column.title.toLowerCase()}` }, column.cell(row, opener))));
    node.addEventListener("click", (event) => {
      if (!event.target.closest("a, button, input") && !String(getSelection())) toggle(row, node);
    });
    return node;
  }
  function draw() {
    const part = rows.slice(from, from + size);
    body.replaceChildren(...part.flatMap((row) => (opened.has(row.id) ? [line(row), detailLine(row)] : [line(row)])));
    const end = from + part.length;
    const go = (to) => { from = to; draw(); holder.scrollIntoView(); };
    pagers[0].replaceChildren(...(rows.length ? [
      el("span", {}, `${(from + 1).toLocaleString("en")} to ${end.toLocaleString("en")} of ${counted(rows.length, noun)}`),
      ...(rows.length > size ? [
        el("button", { type: "button", class: "plain", disabled: from === 0, on: { click: () => go(Math.max(0, from - size)) } }, "Previous"),
        el("button", { type: "button", class: "plain", disabled: end >= rows.length, on: { click: () => go(from + size) } }, "Next"),
      ] : []),
    ] : [el("p", { class: "empty" }, `No ${noun} fits the filters.`)]));
  }
  addEventListener("beforeprint", () => { printing = true; size = PRINTED; draw(); });
  addEventListener("afterprint", () => { printing = false; size = PAGE; draw(); });
  return {
    set(next) { rows = next; from = 0; arrange(); draw(); },
    open(row) { opened.add(row.id); },
  };
}
