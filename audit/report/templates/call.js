"use strict";
const LEAD_S = 2;
const audio = document.querySelector("audio");
const turns = [...document.querySelectorAll(".turn[data-start]")];

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-at]");
  if (!button) return;
  audio.currentTime = Math.max(0, Number(button.dataset.at) - LEAD_S);
  audio.play().catch(() => {});
});

audio.addEventListener("timeupdate", () => {
  for (const turn of turns) {
    const now = Number(turn.dataset.start) <= audio.currentTime && audio.currentTime < Number(turn.dataset.end);
    turn.classList.toggle("now", now && !audio.paused);
  }
});

audio.addEventListener("error", () => {
  document.querySelector(".lost").hidden = false;
});
