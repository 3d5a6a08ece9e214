// The chosen cell: its facts, its trials, and the command that trains one of them again.

function detail(data, cell, state, choose) {
  const facts = Object.entries(data.facts).map(([name, texts]) => [name, texts[cell]]).filter(([, text]) => text);
  const parts = [element("h3", {}, settingsOf(data, cell) || "All trials"), factList(facts)];
  if (!data.trials) return parts;
  const trials = trialsOf(data, cell);
  const number = state.trial ?? typical(trials);
  if (data.trials.metrics.length) parts.push(...strips(data, trials, number, state, choose));
  return [...parts, ...tally(trials), ...oneTrial(data, trials, number, choose)];
}

// The trial shown first: one that did not succeed, if there is one.
function typical(trials) {
  return Math.max(0, trials.findIndex((trial) => trial.end !== "s"));
}

function strips(data, trials, number, state, choose) {
  const { metrics } = data.trials;
  const at = Math.max(0, metrics.findIndex((metric) => metric.name === data.measures[state.measure].metric));
  const counted = trials.length === 1 ? "1 trial" : `${trials.length} trials`;
  const parts = [element("h4", {}, `${metrics[at].name} of its ${counted}`), strip(metrics[at], at, trials, number, choose)];
  return metrics[at].bound === null && !"sf".includes(trials[0].end) ? parts : [...parts, key()];
}

function tally(trials) {
  const counts = new Map();
  for (const why of trials.map((trial) => trial.reason || trial.signature)) {
    if (why) counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  if (!counts.size) return [];
  const rows = [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) =>
    element("li", {}, element("span", {}, name), element("span", {}, String(count))));
  return [element("h4", {}, "Why its trials failed"), element("ul", { class: "tally" }, ...rows)];
}

function oneTrial(data, trials, number, choose) {
  const trial = trials[number];
  const step = (by, text, label) => {
    const button = element("button", { type: "button", "aria-label": label }, text);
    button.addEventListener("click", () => choose((number + by + trials.length) % trials.length));
    return button;
  };
  const what = element("p", { "aria-live": "polite" }, element("strong", {}, title(trial)), ` ${outcome(data, trial)}`);
  const [before, after] = [data.trials.replay[0], data.trials.replay[1]];
  const text = [before, trial.id, after].filter(Boolean).join(" ");
  const command = element("code", {}, text);
  const steps = trials.length > 1 ? [step(-1, "‹", "Trial before"), what, step(1, "›", "Next trial")] : [what];
  return [
    element("div", { class: "stepper" }, ...steps),
    element("div", { class: "command" }, command, copyButton(text, command)),
  ];
}

function title(trial) {
  return trial.seed === null ? `Trial ${trial.id}` : `Seed ${trial.seed}`;
}

function outcome(data, trial) {
  const values = data.trials.metrics
    .map((metric, at) => [metric.name, trial.values[at]])
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`);
  const [end, why] = [ENDED[trial.end], trial.reason || trial.signature];
  return [...values, end, why === end ? "" : why].filter(Boolean).join(", ");
}
