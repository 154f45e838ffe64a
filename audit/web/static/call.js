"use strict";
// The page of a call: keys, moving between findings, choosing words. Without it every form still works.
import { notOurs, say } from "./desk.js";
import { faster, hasSound, loop, playFrom, refresh, skip, toggle } from "./call_sound.js";

const panel = () => document.getElementById("panel");
const rows = () => [...document.querySelectorAll(".found li")];
const chosen = () => rows().find((row) => row.querySelector("a[aria-current]")) ?? null;
let playNext = false; // whether the finding that is being fetched is to be played
let corrected = false; // whether the panel is fetched anew because the call was corrected
let wasAt = null; // the id of what had the focus before the panel was replaced

function press(id) {
  const button = document.getElementById(id);
  button?.click();
  return button !== null;
}

function move(step) {
  const all = rows();
  const next = all[all.indexOf(chosen()) + step];
  if (!next) return;
  playNext = true;
  next.querySelector("a").click();
}

function open(id, field) {
  const details = document.getElementById(id);
  if (!details) return;
  details.open = true;
  document.getElementById(field).focus();
}

function dismissing() {
  const details = document.getElementById("dismissing");
  if (!details) return;
  // The focus goes to the first reason and not into the field: digits choose.
  details.open = true;
  details.querySelector(".common button").focus();
  details.scrollIntoView({ block: "nearest" });
}

function byDigit(digit) {
  const details = document.getElementById("dismissing");
  if (!details?.open) return false;
  const button = details.querySelectorAll(".common button")[digit - 1];
  button?.click();
  return button !== undefined;
}

const ACTIONS = {
  n: () => move(1),
  p: () => move(-1),
  c: () => press("confirm"),
  u: () => press("unsure"),
  d: dismissing,
  z: () => press("undo") || press("undo-own"),
  m: () => open("add-missed", "missed-label"),
};
const OF_SOUND = {
  " ": toggle,
  ArrowLeft: () => skip(-5),
  ArrowRight: () => skip(5),
  "[": () => slower(-1),
  "]": () => slower(1),
  l: () => loop(chosen()),
};

function slower(step) {
  const now = faster(step);
  if (now) say(`${now}×`);
}

document.addEventListener("keydown", (event) => {
  if (notOurs(event) || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const onButton = event.target.closest?.("button, a, summary, audio");
  if (event.key === " " && onButton) return; // that is how buttons are pressed
  const act = ACTIONS[event.key] ?? (hasSound ? OF_SOUND[event.key] : undefined) ?? (/^[1-9]$/.test(event.key) ? () => byDigit(Number(event.key)) : undefined);
  if (!act || event.repeat) return;
  if (event.key === " " || event.key.startsWith("Arrow")) event.preventDefault();
  else if (event.key.length === 1) event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const at = event.target.closest("[data-at]");
  if (at) {
    playFrom(Number(at.dataset.at));
    return;
  }
  if (event.target.closest("#print")) window.print();
  if (event.target.closest("#show-keys")) document.getElementById("keys").showModal();
  const wrong = event.target.closest(".correct");
  if (wrong) {
    correct(wrong.closest(".turn"));
    return;
  }
  const masked = event.target.closest(".masked");
  if (masked) {
    reveal(masked);
    return;
  }
  const mark = event.target.closest("[data-choose]");
  if (mark) {
    event.preventDefault();
    document.querySelector(`.found li[data-mark="${CSS.escape(mark.dataset.choose)}"] a`)?.click();
    return;
  }
  const bubble = event.target.closest(".bubble");
  if (!bubble || event.target.closest("button") || !getSelection().isCollapsed) return;
  const word = event.target.closest("[data-s]");
  const turn = bubble.closest(".turn");
  if (word) playFrom(Number(word.dataset.s), 0);
  else if (turn.dataset.start !== undefined) playFrom(Number(turn.dataset.start), 0);
});

// A masked identifier in clear: the server writes down who asked. Every piece of the same mask is shown.
async function reveal(button) {
  const { field, turn, from, to } = button.dataset;
  const asked = new FormData();
  if (field) asked.append("field", field);
  else for (const [name, value] of [["turn", turn], ["start", from], ["end", to]]) asked.append(name, value);
  asked.append("csrf", document.querySelector("input[name=csrf]").value);
  const answer = await fetch(`${location.pathname}/reveal`, { method: "POST", body: new URLSearchParams(asked), headers: { "HX-Request": "true" } });
  if (answer.status === 401) location.reload(); // which leads to where one signs in
  if (!answer.ok) {
    const refused = document.createElement("p");
    refused.className = "error";
    refused.textContent = new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent;
    document.getElementById("message").replaceChildren(refused);
    return;
  }
  const text = [...(await answer.json()).text];
  const same = field ? [button] : document.querySelectorAll(`.masked[data-turn="${CSS.escape(turn)}"][data-from="${CSS.escape(from)}"]`);
  for (const one of same) {
    const shown = document.createElement("span");
    const first = field ? 0 : Number(one.dataset.c) - Number(from);
    shown.textContent = text.slice(first, field ? undefined : first + [...one.textContent].length).join("");
    shown.className = "revealed";
    for (const name of ["c", "s", "e"]) if (one.dataset[name] !== undefined) shown.dataset[name] = one.dataset[name];
    one.replaceWith(shown);
  }
  refresh();
}

// Words chosen in one turn are what "add a missed violation" is about. Places are counted in characters, as the server counts them.
function chosenWords(selection) {
  if (selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const around = range.commonAncestorContainer.nodeType === Node.TEXT_NODE ? range.commonAncestorContainer.parentElement : range.commonAncestorContainer;
  const within = around.closest(".bubble") ?? around;
  let found = null;
  for (const bit of within.querySelectorAll("[data-c]")) {
    if (!range.intersectsNode(bit)) continue;
    const at = (node, offset, otherwise) => (node.nodeType === Node.TEXT_NODE && bit.contains(node) ? offset : otherwise);
    const text = bit.textContent;
    const first = at(range.startContainer, range.startOffset, 0);
    const last = at(range.endContainer, range.endOffset, text.length);
    if (first >= last) continue;
    const turn = bit.closest(".turn");
    if (found && found.turn !== turn) return null;
    const place = Number(bit.dataset.c);
    found ??= { turn, start: place + [...text.slice(0, first)].length, words: "" };
    found.end = place + [...text.slice(0, last)].length;
    found.words += text.slice(first, last);
  }
  return found;
}

const adder = document.getElementById("add-here");
document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  const found = adder && document.getElementById("add-missed") ? chosenWords(selection) : null;
  if (!found) {
    if (adder && selection.isCollapsed) adder.hidden = true;
    return;
  }
  document.getElementById("missed-turn").value = String(Number(found.turn.dataset.turn) + 1);
  document.getElementById("missed-words").value = found.words;
  document.getElementById("missed-start").value = String(found.start);
  document.getElementById("missed-end").value = String(found.end);
  const box = selection.getRangeAt(0).getBoundingClientRect();
  adder.style.left = `${box.left + window.scrollX}px`;
  adder.style.top = `${box.bottom + window.scrollY + 6}px`;
  adder.hidden = false;
});
adder?.addEventListener("mousedown", (event) => event.preventDefault()); // the words stay chosen
adder?.addEventListener("click", () => {
  adder.hidden = true;
  ACTIONS.m();
});
document.addEventListener("input", (event) => {
  // Words that somebody types are looked up in the turn; the place of those chosen before is theirs no more.
  if (event.target.id !== "missed-words" && event.target.id !== "missed-turn") return;
  document.getElementById("missed-start").value = "";
  document.getElementById("missed-end").value = "";
});

/** Bring the chosen finding into the list's view; the page itself stays where it is. */
function showRow() {
  const row = chosen();
  const list = row?.parentElement;
  if (!list) return;
  const above = row.offsetTop - list.offsetTop;
  if (above < list.scrollTop || above + row.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = above - list.clientHeight / 3;
}

function marks() {
  const states = new Map(rows().map((row) => [row.dataset.mark, row.dataset.state]));
  const now = chosen()?.dataset.mark;
  for (const mark of document.querySelectorAll("mark[data-marks]")) {
    const own = mark.dataset.marks.split(" ");
    mark.classList.toggle("is-chosen", own.includes(now));
    mark.classList.toggle("is-dismissed", own.every((one) => states.get(one) === "dismissed"));
  }
}

function showTurn() {
  const turn = document.getElementById(`turn-${chosen()?.dataset.turn}`);
  const box = turn?.getBoundingClientRect();
  const above = document.querySelector(".sound").getBoundingClientRect().bottom;
  if (box && (box.top < above || box.bottom > window.innerHeight)) turn.scrollIntoView({ block: "center" });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "panel") wasAt = document.activeElement?.id ?? null;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "panel" && event.target.id !== "dialogue") return;
  marks();
  refresh();
  if (adder) adder.hidden = true;
  if (event.target.id !== "panel") return;
  showRow();
  if (corrected) {
    corrected = false;
    document.getElementById("change").scrollIntoView({ block: "nearest" });
    return;
  }
  const made = panel().querySelector(".just-made");
  if (made) say(made.dataset.say);
  showTurn();
  // What had the focus has it again if it is still there; else the finding, for whose reader everything is new.
  if (!(wasAt && document.getElementById(wasAt))) document.getElementById("finding")?.focus({ preventScroll: true });
  document.querySelector(".side").scrollTop = 0;
  const row = chosen();
  if ((playNext || made) && row?.dataset.start !== undefined && document.getElementById("autoplay")?.checked) playFrom(Number(row.dataset.start));
  playNext = false;
});

// The call was audited again: everything but the sound may be another.
document.addEventListener("corrected", () => {
  corrected = true;
  const address = new URL(location.href);
  address.searchParams.set("whole", "1");
  htmx.ajax("GET", address.pathname + address.search, { target: "#panel", swap: "outerHTML" });
});

// What is masked has to be seen before it can be put right.
async function correct(turn) {
  await Promise.all([...turn.querySelectorAll(".masked")].map(reveal));
  if (turn.querySelector(".masked")) return;
  document.getElementById("correcting").open = true;
  const number = turn.dataset.turn;
  document.getElementById("role-turn").value = number;
  document.getElementById("text-turn").value = number;
  document.getElementById("text-value").value = [...turn.querySelectorAll(".bubble [data-c]")].map((bit) => bit.textContent).join("");
  document.getElementById("text-value").focus();
}

for (const id of ["print", "show-keys"]) document.getElementById(id).hidden = false;
document.getElementById("loop")?.addEventListener("click", () => loop(chosen()));
marks();
refresh();
showRow();
const made = panel().querySelector(".just-made");
if (made) say(made.dataset.say);
if (location.search.includes("finding=")) showTurn();
