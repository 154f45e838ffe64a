"use strict";
// The keys of the queue. Everything here can be reached without them.
import { keysOff, notOurs, say } from "/static/desk.js";

const list = document.getElementById("queue");

/** Go `step` findings on in the list and put the focus on its link, so that Enter opens it. */
function move(step) {
  const rows = [...list.querySelectorAll("tbody tr")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("at"));
  const to = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[at]?.classList.remove("at");
  rows[to].classList.add("at");
  const link = rows[to].querySelector("a");
  link.focus({ preventScroll: true });
  rows[to].scrollIntoView({ block: "nearest" });
}

const acts = {
  j: () => move(1),
  k: () => move(-1),
  n: () => list.querySelector("a[rel=next]")?.click(),
  "/": () => document.getElementById("q").select(),
  f: () => document.querySelector("#filters input[type=checkbox]").focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest("#filters, .save")) {
    event.preventDefault(); // browsers empty a search field
    event.target.blur();
    return;
  }
  const act = keysOff || (notOurs(event) && event.target.type !== "checkbox") ? undefined : acts[event.key];
  if (act && !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    act();
  }
});

// The list follows the filters: at once, but for words, when they are typed. (That they were changed is told again when the field is left.)
const filters = document.getElementById("filters"), words = document.getElementById("q");
let pause;
const follow = () => filters.dispatchEvent(new Event("filter"));
filters.addEventListener("change", (event) => {
  if (event.target !== words) follow();
});
words.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(follow, 400);
});
filters.addEventListener("submit", () => clearTimeout(pause));

// The row that has the focus is the one to go on from.
list.addEventListener("focusin", (event) => {
  const row = event.target.closest("tbody tr");
  if (!row) return;
  list.querySelector("tr.at")?.classList.remove("at");
  row.classList.add("at");
});

// A row is as good as its link, unless somebody marks words in it.
list.addEventListener("click", (event) => {
  const row = event.target.closest("tbody tr");
  if (row && !event.target.closest("a") && !getSelection().toString()) row.querySelector("a").click();
});

list.addEventListener("htmx:afterSwap", () => {
  say(list.querySelector(".tabs [aria-current]").textContent.trim());
});
