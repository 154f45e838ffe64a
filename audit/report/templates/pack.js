"use strict";
const examples = [...document.querySelectorAll(".example")];
const links = [...document.querySelectorAll(".jump a")];
let current = 0;

for (const element of document.querySelectorAll("nav[hidden], .guess[hidden]")) element.hidden = false;

function select(index, move) {
  current = Math.max(0, Math.min(index, examples.length - 1));
  examples.forEach((example, at) => example.classList.toggle("current", at === current));
  links.forEach((link, at) => (at === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
  if (!move) return;
  examples[current].focus({ preventScroll: true });
  examples[current].scrollIntoView();
}

function count() {
  const marked = (name) => links.filter((link) => link.classList.contains(name)).length;
  document.getElementById("answered").textContent = marked("done-right") + marked("done-wrong");
  document.getElementById("right").textContent = marked("done-right");
}

function answer(index, guess) {
  const example = examples[index];
  if (!document.body.classList.contains("quiz") || example.classList.contains("revealed")) return;
  const right = guess === example.dataset.answer;
  example.classList.add("revealed");
  example.querySelector(".well").hidden = !(guess && right);
  example.querySelector(".wrong").hidden = !(guess && !right);
  links[index].classList.add(guess ? (right ? "done-right" : "done-wrong") : "done-seen");
  count();
  select(index, false);
  example.focus({ preventScroll: true });
}

function quiz(on) {
  document.body.classList.toggle("quiz", on);
  for (const example of examples) {
    example.classList.remove("revealed");
    for (const outcome of example.querySelectorAll(".outcome span")) outcome.hidden = true;
  }
  for (const link of links) link.classList.remove("done-right", "done-wrong", "done-seen");
  count();
}

function play(example, at) {
  const audio = example.querySelector("audio");
  if (!audio) return;
  if (at !== undefined) audio.currentTime = at;
  if (at !== undefined || audio.paused) audio.play().catch(() => {});
  else audio.pause();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-at], [data-guess], [data-jump], #mode");
  const example = event.target.closest(".example");
  if (example) select(examples.indexOf(example), false);
  if (!target) return;
  if (target.id === "mode") quiz(!document.body.classList.contains("quiz"));
  else if (target.dataset.jump !== undefined) {
    event.preventDefault();
    select(Number(target.dataset.jump), true);
  } else if (target.dataset.guess !== undefined) answer(examples.indexOf(example), target.dataset.guess);
  else play(example, Number(target.dataset.at));
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const busy = event.target.closest("button, audio, summary, a");
  const key = event.key.toLowerCase();
  if (key === "j") select(current + 1, true);
  else if (key === "k") select(current - 1, true);
  else if (key === "1") answer(current, "breach");
  else if (key === "2") answer(current, "fine");
  else if (key === "3") answer(current, "");
  else if (key === "q") quiz(!document.body.classList.contains("quiz"));
  else if (key === " " && !busy) play(examples[current]);
  else return;
  event.preventDefault();
});

for (const example of examples) {
  const audio = example.querySelector("audio");
  if (!audio) continue;
  const turns = [...example.querySelectorAll(".turn[data-start]")];
  audio.addEventListener("play", () => {
    select(examples.indexOf(example), false);
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
  });
  audio.addEventListener("timeupdate", () => {
    for (const turn of turns) {
      const now = Number(turn.dataset.start) <= audio.currentTime && audio.currentTime < Number(turn.dataset.end);
      turn.classList.toggle("now", now && !audio.paused);
    }
  });
}

quiz(true);
select(0, false);
