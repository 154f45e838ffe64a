"use strict";
// What every page does: the list of keys, messages that can be put away, and keys that never act while somebody types.
const keys = document.getElementById("keys");

/** Whether the reader has switched keys off: then no key does anything but what the browser does with it. */
export const keysOff = document.body.dataset.keys === "off";

/** Whether a key is not for the page: keys are off, or it belongs to a field that somebody is using, or to the browser. */
export function notOurs(event) {
  const target = event.target;
  return keysOff || event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Say something to those who cannot see what changed. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !notOurs(event)) {
    event.preventDefault();
    keys.showModal();
  }
});

document.addEventListener("htmx:beforeRequest", () => {
  document.getElementById("message").replaceChildren();
});

// A form says in data-done what was done where nothing else on the page would show it.
document.addEventListener("htmx:afterRequest", (event) => {
  const done = event.detail.requestConfig?.elt.dataset.done;
  if (!event.detail.successful || !done) return;
  const told = document.createElement("p");
  told.className = "done";
  told.textContent = done;
  document.getElementById("message").replaceChildren(told);
  for (const next of ["pointerdown", "keydown"]) document.addEventListener(next, () => told.remove(), { once: true });
});

document.addEventListener("htmx:sendError", () => {
  const lost = document.createElement("p");
  lost.className = "error";
  lost.textContent = document.documentElement.lang === "en" ? "The server cannot be reached. Whether the last step was taken is not known: load the page again before you repeat it." : "连不上服务器，不能确定刚才的操作是否已保存。请稍后刷新页面，核对后再重试。";
  document.getElementById("message").replaceChildren(lost);
});
