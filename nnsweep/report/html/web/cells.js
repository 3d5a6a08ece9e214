// The data of the page: read once, never changed.

function readData() {
  const data = JSON.parse(document.getElementById("data").textContent);
  if (!data.at) return data;
  data.numbers = new Map(data.at.length ? data.at[0].map((_, cell) => [placeOf(data, cell).join(), cell]) : [["", 0]]);
  if (data.trials) data.trials.starts = data.trials.counts.reduce((starts, count) => [...starts, starts.at(-1) + count], [0]);
  return data;
}

// The number of a cell's value on each axis.
function placeOf(data, cell) {
  return data.at.map((column) => column[cell]);
}

function axisNamed(data, name) {
  return data.axes.findIndex((axis) => axis.name === name);
}

// `alpha = 0.01, hidden = 4`: a cell by its values on every axis, or on some.
function settingsOf(data, cell, skipped = []) {
  return data.axes
    .map((axis, at) => [axis.name, axis.labels[data.at[at][cell]]])
    .filter(([name]) => !skipped.includes(name))
    .map(([name, label]) => `${name.trim()}\u00a0=\u00a0${label}`)
    .join(", ");
}

const ENDED = { s: "success", f: "no success", o: "ended", d: "diverged", x: "failed", c: "crashed", t: "timeout", m: "not trained" };

// Every trial of a cell, with its values.
function trialsOf(data, cell) {
  const { trials } = data;
  const numbers = Array.from({ length: trials.counts[cell] }, (_, at) => trials.starts[cell] + at);
  return numbers.map((number) => ({
    id: trials.ids.slice(number * trials.digits, (number + 1) * trials.digits),
    seed: trials.seeds ? trials.seeds[number] : null,
    end: trials.ends[number],
    signature: trials.signatures[trials.signature[number]] || "",
    reason: trials.reasons[trials.reason[number]] || "",
    values: trials.metrics.map((metric) => metric.values[number]),
  }));
}
