"use strict";
// Everything that comes from a model or a program is put in as text, never as HTML. The address
// keeps what is chosen: #filter=wrong&search=sorted, #kind=loop&steps=3, or #row=ID to open one row.
const data = JSON.parse(document.getElementById("data").textContent);
const list = document.getElementById("list");
const search = document.getElementById("search");
const status = document.getElementById("status");
const buttons = new Map();
const selects = new Map();
let filter = "";

// Characters that would not be seen, or would turn the text around them, are written as escapes.
function visible(text) {
  const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  return text.replace(hidden, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = visible(text);
  return made;
}

const TONES = {
  "right": "good", "wrong": "bad", "right answer, wrong logic": "warn", "timed out": "warn",
  "A is better": "warn", "B is better": "good",
};

function tags(names) {
  return names.map((name) => make("span", `tag ${TONES[name] || ""}`, name));
}

function words(row) {
  const said = row.answers.flatMap((a) => [a.says, a.text, ...a.steps.map((s) => s.slice(0, 4).join(" "))]);
  for (const step of row.trace || []) said.push(step.join(" "));
  return [row.id, row.code, ...row.facts.map((f) => f[1]), ...said].join("\n").toLowerCase();
}

function stepRow(step, number, firstWrong) {
  const [name, kind, truth, predicted, right] = step;
  const row = make("tr", number === firstWrong ? "first" : "");
  const place = make("td", right ? "good" : "bad", `${number + 1}${right ? "✓" : "✗"}`);
  const named = make("td", "", name);
  named.append(make("span", "kind", kind));
  const shown = (text, missing) => (text === null ? make("td", "none", missing) : make("td", "", text));
  const said = shown(predicted, "not told");
  if (number === firstWrong) said.prepend(make("span", "mark", "first wrong step"));
  row.append(place, named, shown(truth, "cannot be shown"), said);
  return row;
}

function stepTable(answer) {
  const table = make("table", "steps");
  const head = make("tr");
  head.append(...["#", "step", "true", "predicted"].map((name) => make("th", "", name)));
  table.append(head, ...answer.steps.map((step, number) => stepRow(step, number, answer.wrong)));
  return table;
}

// Code with its line numbers and, at the line of each anchor, what it showed and as which step.
function listing(row) {
  const table = make("table", "listing");
  const lines = row.code.replace(/[\r\n]+$/, "").split(/\r\n|\r|\n/);
  const shows = new Map();
  row.trace.forEach(([line, name, kind, text], number) => {
    const step = make("span", "step");
    step.append(make("span", "visit", `${number + 1}. ${name}: `));
    step.append(text === null ? make("span", "none", "cannot be shown") : make("span", "", text));
    step.append(make("span", "kind", kind));
    const at = Math.min(line, lines.length + 1);  // code that was cut has no such line
    shows.set(at, [...(shows.get(at) || []), step]);
  });
  if (shows.has(lines.length + 1)) lines.push("further steps");
  lines.forEach((text, index) => {
    const steps = shows.get(index + 1) || [];
    const line = make("tr", steps.length || row.anchors.includes(index + 1) ? "anchor" : "");
    const cell = make("td");
    cell.append(...steps);
    line.append(make("th", "", String(index + 1)), make("td", "", text), cell);
    table.append(line);
  });
  return table;
}

function answerPart(answer) {
  const part = make("div", "answer");
  const line = make("p", "");
  if (answer.side) line.append(make("strong", "", `${answer.side} `));
  line.append(answer.says === null ? make("span", "none", "no answer found") : make("code", "fact", answer.says), " ");
  for (const tag of tags(answer.cases)) line.append(tag, " ");
  if (answer.count > 1) line.append(make("span", "tag", `×${answer.count}`));
  part.append(line);
  if (answer.steps.length) part.append(stepTable(answer));
  if (answer.more_steps) {
    const wrong = answer.wrong !== null && answer.wrong >= answer.steps.length;
    const where = wrong ? `; the first wrong step is ${answer.wrong + 1}` : "";
    part.append(make("p", "note", `${answer.more_steps} more steps are not shown${where}`));
  }
  if (answer.text) {
    const whole = make("details");
    whole.append(make("summary", "note", "what the model wrote"), make("pre", "text", answer.text));
    part.append(whole);
  }
  return part;
}

function fill(card, row) {
  if (card.dataset.filled) return;
  card.dataset.filled = "yes";
  const inside = make("div", row.trace ? "inside whole" : "inside");
  const left = make("div");
  if (row.code) left.append(row.trace ? listing(row) : make("pre", "", row.code));
  for (const [label, value] of row.facts) {
    const fact = make("div", "fact");
    fact.append(make("span", "label", label), make("code", "", value));
    left.append(fact);
  }
  const answers = make("div", "answers");
  answers.append(...row.answers.map(answerPart));
  inside.append(left, answers);
  card.append(inside);
}

const cards = data.rows.map((row) => {
  const card = make("details", "row");
  card.dataset.id = row.id;
  const summary = make("summary");
  const hint = make("span", "hint", row.facts.length ? row.facts[0][1].slice(0, 200) : "");
  summary.append(make("span", "id", row.id), hint, ...tags(row.tags));
  card.append(summary);
  card.addEventListener("toggle", () => { if (card.open) fill(card, row); });
  return { card, row, words: null };
});

function isChosen(row) {
  if (filter && !row.tags.includes(filter)) return false;
  return [...selects].every(([name, select]) => !select.value || (row.is[name] || []).includes(select.value));
}

function apply() {
  const wanted = search.value.toLowerCase();
  let shown = 0;
  for (const one of cards) {
    if (wanted && one.words === null) one.words = words(one.row);
    const matches = isChosen(one.row) && (!wanted || one.words.includes(wanted));
    one.card.hidden = !matches;
    shown += matches;
  }
  for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === filter));
  status.textContent = `${shown} of ${cards.length} rows`;
}

function keep() {
  const chosen = new URLSearchParams();
  if (filter) chosen.set("filter", filter);
  if (search.value) chosen.set("search", search.value);
  for (const [name, select] of selects) if (select.value) chosen.set(name, select.value);
  history.replaceState(null, "", `#${chosen}`);
}

function follow() {
  const chosen = new URLSearchParams(location.hash.slice(1));
  filter = chosen.get("filter") || "";
  search.value = chosen.get("search") || "";
  for (const [name, select] of selects) select.value = chosen.get(name) || "";
  apply();
  const found = cards.find((one) => one.row.id === chosen.get("row"));
  if (!found) return;
  found.card.open = true;
  fill(found.card, found.row);
  found.card.scrollIntoView();
}

// Opens the row that is so many places further among those on show, and closes the one before.
function turn(places) {
  const shown = cards.filter((one) => !one.card.hidden);
  const open = shown.findIndex((one) => one.card.open);
  const next = shown[open < 0 ? (places > 0 ? 0 : shown.length - 1) : open + places];
  if (!next) return;
  for (const one of shown) one.card.open = one === next;
  fill(next.card, next.row);
  next.card.scrollIntoView();
}

function addButton(name) {
  const count = data.rows.filter((row) => !name || row.tags.includes(name)).length;
  const button = make("button", "", `${name || "all"} ${count}`);
  button.type = "button";
  button.addEventListener("click", () => { filter = name; apply(); keep(); });
  buttons.set(name, button);
}

function addSelect(name, values) {
  const label = make("label", "", `${name} `);
  const select = make("select");
  select.name = name;
  select.append(new Option("all", ""));
  for (const value of values) {
    const count = data.rows.filter((row) => (row.is[name] || []).includes(value)).length;
    select.append(new Option(`${value} (${count})`, value));
  }
  select.addEventListener("change", () => { apply(); keep(); });
  selects.set(name, select);
  label.append(select);
  return label;
}

if (data.filters.length) ["", ...data.filters].forEach(addButton);
const labels = Object.entries(data.choices).map(([name, values]) => addSelect(name, values));
document.getElementById("filters").append(...buttons.values(), ...labels);
list.append(...cards.map((one) => one.card));
search.addEventListener("input", () => { apply(); keep(); });
document.getElementById("previous").addEventListener("click", () => turn(-1));
document.getElementById("next").addEventListener("click", () => turn(1));
window.addEventListener("hashchange", follow);
follow();
