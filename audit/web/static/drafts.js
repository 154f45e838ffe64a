"use strict";
// What somebody wrote is not lost when their session ended meanwhile: it waits in this tab until they have signed in again.
const KEPT = "callaudit-unsent";
const user = document.body.dataset.user;

const addressOf = (form) => new URL(form.getAttribute("action") ?? "", location.href).pathname;
const nameOf = (field) => `${addressOf(field.form)}#${field.id}`;

/** The fields in which people write; those without an id are filled by the server. */
function fields() {
  return [...document.querySelectorAll("main form[method=post] :is(input, select, textarea)[id]")].filter((field) => !["password", "checkbox", "radio", "file"].includes(field.type));
}

function changed(field) {
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value.trim() !== "" && (field.type === "hidden" || field.value !== field.defaultValue);
}

/** Keep what is written; `lost`: the server did not take it. */
function keep(lost) {
  const written = Object.fromEntries(fields().filter(changed).map((field) => [nameOf(field), field.value]));
  if (Object.keys(written).length) sessionStorage.setItem(KEPT, JSON.stringify({ user, lost, written }));
}

function putBack(written) {
  const found = fields().filter((field) => nameOf(field) in written);
  for (const field of found) {
    field.value = written[nameOf(field)];
    for (let around = field.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  }
  if (!found.length) return;
  found.find((field) => field.type !== "hidden")?.focus();
  const said = document.createElement("p");
  said.className = "done";
  said.textContent = document.documentElement.lang === "en" ? "You had been signed out. What you wrote is here again; it is not sent yet." : "您的登录曾失效。您写的内容已放回原处，还没有提交。";
  document.getElementById("message").replaceChildren(said);
}

const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
if (user === undefined) {
  // Where one signs in: a form that was sent has led here instead of being taken.
  if (kept) sessionStorage.setItem(KEPT, JSON.stringify({ ...kept, lost: true }));
} else {
  sessionStorage.removeItem(KEPT);
  if (kept?.lost && kept.user === user) putBack(kept.written);
  document.addEventListener("submit", (event) => {
    if (event.target.closest("main") && !event.target.hasAttribute("hx-post")) keep(false);
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status === 401) keep(true);
  });
}
