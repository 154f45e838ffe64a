"use strict";
// One clip at a time; a click on a time plays from there, and the turn that is heard is marked.
const clips = [...document.querySelectorAll(".example audio")];

document.addEventListener("click", (event) => {
  const button = event.target.closest(".play[data-at]");
  const clip = button?.closest(".example").querySelector("audio");
  if (!clip) return;
  const at = Number(button.dataset.at);
  const play = () => {
    clip.currentTime = at;
    clip.play().catch(() => {});
  };
  if (clip.readyState > 0) play();
  else {
    clip.addEventListener("loadedmetadata", play, { once: true });
    clip.load();
  }
});

for (const clip of clips) {
  const turns = [...clip.closest(".example").querySelectorAll(".turn[data-start]")];
  clip.addEventListener("play", () => {
    for (const other of clips) if (other !== clip) other.pause();
  });
  clip.addEventListener("timeupdate", () => {
    for (const turn of turns) {
      const heard = Number(turn.dataset.start) <= clip.currentTime && clip.currentTime < Number(turn.dataset.end);
      turn.classList.toggle("now", heard && !clip.paused);
    }
  });
}
