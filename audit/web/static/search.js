"use strict";
import { notOurs } from "/static/desk.js";

const links = [...document.querySelectorAll("#results .to-call")];

/** Go to the next (1) or the previous (-1) result. */
function move(by) {
  const at = links.findIndex((link) => link.closest(".result").contains(document.activeElement));
  const to = links[at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)];
  if (to) {
    to.focus({ preventScroll: true });
    to.closest(".result").scrollIntoView({ block: "nearest" });
  }
}

document.addEventListener("keydown", (event) => {
  if (notOurs(event) || document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("q").select();
  } else if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
  }
});
