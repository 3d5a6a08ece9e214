// Which measure is shown, and which axis stands where.

const PLACES = { rows: "Rows", columns: "Columns", panels: "Panels" };

function controls(data, state, changed) {
  const made = [];
  if (data.measures.length > 1) {
    const labels = data.measures.map((measure, at) => [measure.label, at]);
    made.push(selector("Show", labels, state.measure, (value) => changed({ measure: Number(value) })));
  }
  if (data.axes.length > 1) {
    for (const [place, title] of Object.entries(PLACES)) made.push(placeSelector(data, state, place, title, changed));
  }
  for (const name of Object.keys(state.rest)) {
    const labels = data.axes[axisNamed(data, name)].labels.map((label, at) => [label, at]);
    const choose = (value) => changed({ rest: { ...state.rest, [name]: Number(value) } });
    made.push(selector(name, labels, state.rest[name], choose));
  }
  return made;
}

function placeSelector(data, state, place, title, changed) {
  const none = place === "rows" ? [] : [["none", ""]];
  const names = [...none, ...data.axes.map((axis) => [axis.name, `=${axis.name}`])];
  const now = state[place] === null ? "" : `=${state[place]}`;
  return selector(title, names, now, (value) => changed(moved(data, state, place, value ? value.slice(1) : null)));
}

// The two axes swap their places. Rows always have an axis. An axis that loses its place is fixed at the value of the
// chosen cell, which therefore stays in view.
function moved(data, state, place, name) {
  const places = { rows: state.rows, columns: state.columns, panels: state.panels };
  const other = Object.keys(PLACES).find((each) => name !== null && places[each] === name);
  if (other) places[other] = places[place];
  places[place] = name;
  const without = () => data.axes.map((axis) => axis.name).filter((each) => !Object.values(places).includes(each));
  places.rows ??= without()[0] ?? null;
  if (places.rows === null) [places.rows, places.columns] = [places.columns, null];
  const chosen = (each) => (state.pinned === null ? 0 : placeOf(data, state.pinned)[axisNamed(data, each)]);
  return { ...places, rest: Object.fromEntries(without().map((each) => [each, state.rest[each] ?? chosen(each)])) };
}

function selector(title, options, value, choose) {
  const select = element("select", { name: title });
  for (const [text, each] of options) {
    select.append(element("option", { value: each, ...(each === value ? { selected: "" } : {}) }, text));
  }
  select.addEventListener("change", () => choose(select.value));
  return element("label", {}, title, select);
}
