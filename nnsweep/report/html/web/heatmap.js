// Heatmaps: one table for each value of the panel axis. The arrow keys move between cells.

function heatmaps(data, state) {
  const panels = range(data, state.panels);
  const tables = panels.map((panel) => heatmap(data, state, panel)).filter((figure) => figure.querySelector("[data-cell]"));
  for (const figure of tables) figure.querySelector("[data-cell]").tabIndex = 0;
  return tables;
}

function range(data, name) {
  return name === null ? [null] : data.axes[axisNamed(data, name)].labels.map((_, at) => at);
}

function heatmap(data, state, panel) {
  const name = panel === null ? "" : `${state.panels.trim()} = ${labelOf(data, state.panels, panel)}`;
  const measure = data.measures[state.measure];
  const table = element("table", { class: "map", role: "grid", "aria-label": [measure.label, name].filter(Boolean).join(", ") });
  table.append(header(data, state, measure), body(data, state, measure, panel));
  const caption = name ? [element("figcaption", {}, name)] : [];
  return element("figure", { class: "panel" }, ...caption, element("div", { class: "scroll" }, table));
}

function labelOf(data, name, at) {
  return data.axes[axisNamed(data, name)].labels[at];
}

function header(data, state, measure) {
  const columns = range(data, state.columns);
  const names = columns.map((column) => (column === null ? measure.label : labelOf(data, state.columns, column)));
  const head = element("thead");
  if (state.columns !== null) {
    const title = element("th", { scope: "colgroup", colspan: columns.length }, state.columns);
    head.append(element("tr", {}, element("td"), title));
  }
  const labels = names.map((name) => element("th", { scope: "col" }, name));
  head.append(element("tr", {}, element("th", { scope: "col", class: "corner" }, state.rows ?? ""), ...labels));
  return head;
}

function body(data, state, measure, panel) {
  const rows = range(data, state.rows).map((row) => {
    const label = row === null ? "" : labelOf(data, state.rows, row);
    const cells = range(data, state.columns).map((column) => cellAt(data, state, { row, column, panel }));
    return [label, cells];
  });
  const present = rows.filter(([, cells]) => cells.some((cell) => cell !== undefined));
  return element("tbody", {}, ...present.map(([label, cells]) => tableRow(measure, label, cells)));
}

function cellAt(data, state, at) {
  const chosen = { ...state.rest };
  if (state.rows !== null) chosen[state.rows] = at.row;
  if (state.columns !== null) chosen[state.columns] = at.column;
  if (state.panels !== null) chosen[state.panels] = at.panel;
  return data.numbers.get(data.axes.map((axis) => chosen[axis.name]).join());
}

function tableRow(measure, label, cells) {
  const made = cells.map((cell) => {
    if (cell === undefined) return element("td", { class: "none", role: "gridcell" });
    const digit = measure.levels[cell];
    const level = digit === "-" ? "-" : parseInt(digit, 32);
    return element("td", { class: `s${level}`, role: "gridcell", tabindex: -1, "data-cell": cell }, measure.texts[cell]);
  });
  return element("tr", {}, element("th", { scope: "row" }, label), ...made);
}

function legend(measure) {
  const levels = Array.from({ length: 32 }, (_, level) => element("i", { class: `s${level}` }));
  const scale = element("span", { class: "scale", "aria-hidden": "true" }, ...levels);
  const gaps = measure.gaps ? [element("span", { class: "hatched" }, measure.gaps)] : [];
  return element("p", { class: "legend" }, element("span", {}, measure.low), scale, element("span", {}, measure.high), ...gaps);
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// The cell that a key moves to; null if there is none.
function reached(td, key) {
  const row = td.parentElement;
  const cells = [...row.querySelectorAll("[data-cell]")];
  if (key === "Home") return cells[0];
  if (key === "End") return cells.at(-1);
  if (!(key in STEPS)) return null;
  let [y, x] = [row.sectionRowIndex, td.cellIndex];
  const rows = row.parentElement.rows;
  do {
    y += STEPS[key][0];
    x += STEPS[key][1];
  } while (rows[y]?.cells[x]?.classList.contains("none"));
  const next = rows[y]?.cells[x];
  return next && next.dataset.cell !== undefined ? next : null;
}
