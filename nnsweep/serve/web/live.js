// Keeps a page up to date while it is looked at. Everything also works without this script, by loading a page again.
"use strict";

const AGAIN = 3000; // milliseconds until the next attempt, if the server is gone

let source = null;
let waiting = null;
let ended = false;

function follow() {
  clearTimeout(waiting);
  source?.close();
  source = new EventSource(document.body.dataset.events);
  source.addEventListener("open", () => { ended = false; tell(""); });
  source.addEventListener("message", (event) => change(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    if (!ended) tell("Connection lost: this page shows what was known. Trying again …");
    if (source.readyState === EventSource.CLOSED) waiting = setTimeout(follow, AGAIN);
  });
  source.addEventListener("end", () => {
    source.close();
    ended = true;
    tell("The server has ended: this page shows what was known then. nnsweep serve goes on.");
    waiting = setTimeout(follow, AGAIN);
  });
}

function tell(text) {
  document.getElementById("connection").textContent = text;
}

// A browser allows few connections to one server: a page that nobody looks at gives its own up.
function followWhileVisible() {
  if (document.hidden) {
    clearTimeout(waiting);
    source?.close();
  } else {
    follow();
  }
}

// `parts` are texts of HTML by the ids of what they stand in; `cells` have a number, a class and a text each.
// `anew` says that the page has other parts than before.
function change({ parts, cells, anew }) {
  if (anew) return location.reload();
  for (const [id, html] of Object.entries(parts)) replace(document.getElementById(id), html);
  for (const [number, style, text] of cells) {
    for (const td of document.querySelectorAll(`[data-cell="${number}"]`)) {
      td.className = style;
      td.firstElementChild.textContent = text || "\u00a0";
    }
  }
}

function replace(element, html) {
  if (!element || element.innerHTML.trim() === html.trim()) return;
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  element.innerHTML = html;
  if (focused) document.getElementById(focused)?.focus();
}

// The arrow keys move between the cells of a heatmap, of which the tab key reaches one.
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function moveByKeys(table) {
  const links = [...table.querySelectorAll("td a")];
  const first = table.querySelector('[aria-selected="true"] a') ?? links[0];
  for (const link of links) link.tabIndex = link === first ? 0 : -1;
  table.addEventListener("keydown", (event) => {
    const next = event.key in STEPS ? reached(event.target.closest("td"), STEPS[event.key]) : null;
    if (event.key in STEPS) event.preventDefault();
    if (!next) return;
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

// The link in the next cell in a direction, beyond gaps of the grid; null if there is none.
function reached(td, [down, right]) {
  if (!td) return null;
  const rows = td.closest("tbody").rows;
  let [y, x] = [td.parentElement.sectionRowIndex, td.cellIndex];
  do {
    y += down;
    x += right;
  } while (rows[y]?.cells[x]?.classList.contains("none"));
  return rows[y]?.cells[x]?.querySelector("a") ?? null;
}

// A choice takes effect at once.
function submitAtOnce(form) {
  form.querySelector("button").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}

for (const table of document.querySelectorAll(".map")) moveByKeys(table);
for (const form of document.querySelectorAll("form.controls")) submitAtOnce(form);
if (document.body.dataset.events) {
  document.addEventListener("visibilitychange", followWhileVisible);
  followWhileVisible();
}
