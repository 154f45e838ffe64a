"use strict";
// Keys of the pages of plans and of a sample: a key presses the button, or follows the link, that names it.
import { notOurs } from "/static/desk.js";

document.addEventListener("keydown", (event) => {
  if (notOurs(event) || event.repeat || document.querySelector("dialog[open]")) return;
  const named = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key.toLowerCase());
  if (!named) return;
  event.preventDefault();
  named.click();
});
