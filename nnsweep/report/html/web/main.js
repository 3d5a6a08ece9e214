// What is shown now, and what changes it.

function start() {
  const data = readData();
  if (!data.at) return;
  const by = (id) => document.getElementById(id);
  const free = data.axes.map((axis) => axis.name).filter((name) => !Object.values(data.places).includes(name));
  const state = { measure: 0, ...data.places, rest: Object.fromEntries(free.map((name) => [name, 0])), pinned: data.chosen, trial: null };

  let shown = "";

  function redraw() {
    by("controls").replaceChildren(...controls(data, state, change));
    by("maps").replaceChildren(...heatmaps(data, state));
    by("legend").replaceChildren(legend(data.measures[state.measure]));
    const rest = Object.entries(state.rest).map(([name, at]) => `${name.trim()} = ${labelOf(data, name, at)}`);
    by("of").textContent = [data.measures[state.measure].label, data.cell, ...rest].filter(Boolean).join(", ");
    pin(state.pinned);
  }

  function change(news) {
    const name = document.activeElement?.name;
    Object.assign(state, news);
    redraw();
    [...by("controls").elements].find((each) => each.name === name)?.focus();
  }

  function pin(cell) {
    if (cell !== state.pinned) state.trial = null;
    state.pinned = cell;
    for (const td of by("maps").querySelectorAll("[data-cell]")) {
      td.setAttribute("aria-selected", String(Number(td.dataset.cell) === cell));
    }
    show(cell);
  }

  // Do not draw the same details again: that would take the focus from a button.
  function show(cell) {
    const trial = cell === state.pinned ? state.trial : null;
    const wanted = [cell, trial, state.measure].join();
    if (wanted === shown) return;
    shown = wanted;
    const choose = (number) => { pin(cell); state.trial = number; show(cell); };
    by("detail").replaceChildren(...detail(data, cell, { ...state, trial }, choose));
  }

  function go(td) {
    for (const other of td.closest("table").querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    td.tabIndex = 0;
    td.focus();
  }

  const cellOf = (event) => event.target.closest("[data-cell]");
  const numberOf = (td) => Number(td.dataset.cell);
  by("maps").addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") show(cellOf(event) ? numberOf(cellOf(event)) : state.pinned);
  });
  by("maps").addEventListener("pointerleave", () => show(state.pinned));
  by("maps").addEventListener("focusin", (event) => { if (cellOf(event)) show(numberOf(cellOf(event))); });
  by("maps").addEventListener("click", (event) => {
    if (!cellOf(event)) return;
    const again = numberOf(cellOf(event)) === state.pinned && by("detail").classList.contains("open");
    by("detail").classList.toggle("open", !again);
    go(cellOf(event));
    pin(numberOf(cellOf(event)));
  });
  by("maps").addEventListener("keydown", (event) => {
    const td = cellOf(event);
    if (!td) return;
    if (event.key === "Enter" || event.key === " ") pin(numberOf(td));
    else if (reached(td, event.key)) go(reached(td, event.key));
    else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
  });
  by("controls").hidden = false;
  by("detail").hidden = false;
  redraw();
}

start();
