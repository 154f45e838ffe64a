"use strict";
// The editor's line numbers, the key that tries, and the button that takes a rule's text. Every form works without it.
const form = document.getElementById("bench");
const edited = document.getElementById("edited");
const gutter = document.getElementById("gutter");
const load = document.getElementById("load");
const rule = document.getElementById("rule");

function number() {
  const lines = edited.value.split("\n").length;
  gutter.textContent = Array.from({ length: lines }, (_, i) => i + 1).join("\n");
  gutter.scrollTop = edited.scrollTop;
}

edited.addEventListener("input", number);
edited.addEventListener("scroll", () => {
  gutter.scrollTop = edited.scrollTop;
});
number();

load.hidden = false;
load.addEventListener("click", () => {
  if (!rule.value) return;
  const query = new URLSearchParams({ rule: rule.value });
  const call = document.getElementById("call").value;
  if (call) query.set("call", call);
  location.assign(`/playground?${query}`);
});

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.querySelector(".acts .primary").click();
  }
});

document.getElementById("outcome").addEventListener("htmx:afterSwap", (event) => {
  event.currentTarget.scrollIntoView({ block: "start" });
});
