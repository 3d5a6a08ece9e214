// The trials of one cell on a line: a dot for a success, a cross for a failure. Marks with near values are stacked.

const WIDE = 320;
const HIGH = 96;
const STEP = 8;

function strip(metric, at, trials, chosen, choose) {
  const picture = drawn("svg", { class: "strip", viewBox: `0 0 ${WIDE} ${HIGH + 34}`, role: "img", "aria-label": describe(metric, at, trials) });
  const base = HIGH + 12;
  picture.append(drawn("line", { class: "axis", x1: 0, x2: WIDE, y1: base, y2: base }));
  picture.append(...axisLabels(metric, base), ...bound(metric, base));
  for (const { number, x, y } of stacked(metric, at, trials, base)) {
    const mark = marked(trials[number].end, x, y);
    mark.append(drawn("title", {}, `seed ${trials[number].seed}: ${trials[number].values[at]}`));
    mark.addEventListener("click", () => choose(number));
    picture.append(mark);
    if (number === chosen) picture.append(drawn("circle", { class: "chosen", cx: x, cy: y, r: 6 }));
  }
  return picture;
}

function describe(metric, at, trials) {
  const known = trials.filter((trial) => trial.values[at] !== null).length;
  return `${metric.name} of ${known} trials, between ${metric.labels[0]} and ${metric.labels[1]}`;
}

function place(metric, value) {
  const share = (value - metric.low) / (metric.high - metric.low);
  return 8 + Math.min(1, Math.max(0, share)) * (WIDE - 16);
}

// The middle of the step that contains a value. The bound lies between two steps, so that no dot crosses it.
function middle(metric, value) {
  const from = metric.bound === null ? 0 : place(metric, metric.bound);
  const steps = (place(metric, value) - from) / STEP;
  return from + ((metric.above ? Math.ceil(steps) - 1 : Math.floor(steps)) + 0.5) * STEP;
}

// Stack the values within one step of the line, closer together if there are many.
function stacked(metric, at, trials, base) {
  const piles = new Map();
  trials.forEach((trial, number) => {
    if (trial.values[at] === null) return;
    const x = middle(metric, trial.values[at]);
    piles.set(x, [...(piles.get(x) ?? []), number]);
  });
  const highest = Math.max(1, ...[...piles.values()].map((pile) => pile.length));
  const rise = Math.min(STEP, HIGH / highest);
  return [...piles].flatMap(([x, pile]) =>
    pile
      .sort((a, b) => rank(trials[a]) - rank(trials[b]) || a - b)
      .map((number, up) => ({ number, x, y: base - 6 - up * rise })));
}

function rank(trial) {
  return trial.end === "s" ? 0 : 1;
}

function marked(end, x, y) {
  const target = drawn("circle", { class: "target", cx: x, cy: y, r: 4 });
  const shape = end === "s" || end === "o"
    ? drawn("circle", { class: "hit", cx: x, cy: y, r: 3.2 })
    : drawn("path", { class: "miss", d: `M${x - 2.7} ${y - 2.7}l5.4 5.4m0 -5.4l-5.4 5.4` });
  return drawn("g", {}, shape, target);
}

function axisLabels(metric, base) {
  return [
    drawn("text", { x: 0, y: base + 15 }, metric.labels[0]),
    drawn("text", { x: WIDE / 2, y: base + 15, "text-anchor": "middle" }, metric.name),
    drawn("text", { x: WIDE, y: base + 15, "text-anchor": "end" }, metric.labels[1]),
  ];
}

function bound(metric, base) {
  if (metric.bound === null) return [];
  const x = place(metric, metric.bound);
  const anchor = x < WIDE / 3 ? "start" : x > (2 * WIDE) / 3 ? "end" : "middle";
  return [
    drawn("line", { class: "bound", x1: x, x2: x, y1: 4, y2: base }),
    drawn("text", { x: anchor === "start" ? x + 4 : anchor === "end" ? x - 4 : x, y: 2, "text-anchor": anchor, "dominant-baseline": "hanging" }, metric.rule),
  ];
}

function key() {
  const entry = (end, text) => element("span", {}, drawn("svg", { viewBox: "0 0 10 10" }, marked(end, 5, 5)), text);
  return element("p", { class: "key" }, entry("s", "success"), entry("f", "no success"));
}
