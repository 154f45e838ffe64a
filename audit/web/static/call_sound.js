"use strict";
// The sound of a call: one <audio> is the truth; the waveform, the clock and the dialogue follow it.
const LEAD_S = 2;
const COLOURS = { critical: "#9b1c1c", major: "#b4540a", minor: "#cdb44a", info: "#7b8794", signal: "#14607a", review: "#8f76bd" };
const LABELS = { ...COLOURS, minor: "#806600", info: "#55606e", review: "#5a3d8a" };
const WAVE = { agent: "#8fa6c4", debtor: "#9dbfae", third_party: "#b3c9a6", unknown: "#b5bcc6" };

const audio = document.getElementById("sound");
const playing = document.getElementById("play");
const speed = document.getElementById("speed");
const looping = document.getElementById("loop");
const follow = document.getElementById("follow");
let regions = null; // once the waveform stands
let channels = [];
let stretch = null; // the finding that is looped: [start, end]
let spoken = []; // turns with times, in order
let current = null;
let drawing = 0;

export const hasSound = audio !== null;

/** Play from `at`, or from `LEAD_S` before it. */
export function playFrom(at, lead = LEAD_S) {
  if (!hasSound) return;
  audio.currentTime = Math.max(0, at - lead);
  audio.play().catch(() => {}); // a browser that wants a click first says so by staying silent
}

export function toggle() {
  if (audio.paused) audio.play().catch(() => {});
  else audio.pause();
}

export function skip(seconds) {
  audio.currentTime = Math.max(0, audio.currentTime + seconds);
  show();
}

export function faster(step) {
  const next = speed.options[speed.selectedIndex + step];
  if (!next) return null;
  next.selected = true;
  audio.playbackRate = Number(next.value);
  return next.value;
}

/** Loop the finding of `row` (null: none); whether something is looped now. */
export function loop(row) {
  const on = row !== null && row.dataset.start !== undefined && stretch === null;
  stretch = on ? [Math.max(0, Number(row.dataset.start) - 0.3), Number(row.dataset.end) + 0.3] : null;
  looping.setAttribute("aria-pressed", String(on));
  if (on) playFrom(stretch[0], 0);
  return on;
}

/** The turns and findings are other ones now: read them anew. */
export function refresh() {
  if (!hasSound) return;
  spoken = [...document.querySelectorAll(".turn[data-start]")].map((turn) => ({
    turn,
    start: Number(turn.dataset.start),
    end: Number(turn.dataset.end),
    words: [...turn.querySelectorAll("[data-s]")].map((word) => [Number(word.dataset.s), Number(word.dataset.e), word]),
  }));
  current = null;
  if (stretch) loop(null);
  drawSoon();
  show();
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${parts.join(":")}` : parts.join(":");
}

/** Show where the sound is: the clock, the turn, the word. */
function show() {
  const at = audio.currentTime;
  document.getElementById("at").textContent = clock(at);
  const now = spoken.find(({ start, end }) => start <= at && at < end) ?? null;
  if (now !== current) {
    current?.turn.classList.remove("now");
    now?.turn.classList.add("now");
    if (now && follow.checked && !audio.paused) keepInView(now.turn);
    current = now;
  }
  document.querySelector(".word-now")?.classList.remove("word-now");
  now?.words.find(([start, end]) => start <= at && at < end)?.[2].classList.add("word-now");
}

function keepInView(turn) {
  const box = turn.getBoundingClientRect();
  const above = document.querySelector(".sound").getBoundingClientRect().bottom;
  if (box.top < above || box.bottom > window.innerHeight - 40) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    turn.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  }
}

function everyFrame() {
  if (stretch && audio.currentTime >= stretch[1]) audio.currentTime = stretch[0];
  show();
  if (!audio.paused) requestAnimationFrame(everyFrame);
}

function showPlaying() {
  const word = playing.querySelector(".play-word");
  word.textContent = audio.paused ? word.dataset.play : word.dataset.pause;
  playing.setAttribute("aria-pressed", String(!audio.paused));
}

async function draw() {
  const place = document.getElementById("wave");
  const answer = await fetch(place.dataset.peaks);
  if (!answer.ok) {
    document.getElementById("wave-lost").hidden = false;
    place.hidden = true;
    return;
  }
  const drawn = await answer.json();
  channels = rolesOf(drawn.channels, place.dataset.agentChannel);
  document.getElementById("length").textContent = clock(drawn.duration_s);
  const wave = WaveSurfer.create({
    container: place,
    media: audio,
    peaks: drawn.channels.map((channel) => channel.peaks.map((peak) => peak / 127)),
    duration: drawn.duration_s,
    height: drawn.channels.length > 1 ? 46 : 72,
    splitChannels: channels.map((role) => ({ waveColor: WAVE[role] ?? WAVE.unknown, progressColor: "#1f3a5f" })),
    cursorColor: "#2f6fde",
    cursorWidth: 2,
    barWidth: 2,
    barGap: 1,
    normalize: true,
    cspNonce: place.dataset.nonce,
  });
  const plugin = wave.registerPlugin(WaveSurfer.Regions.create());
  plugin.on("region-clicked", (region, event) => {
    event.stopPropagation();
    document.querySelector(`.found li[data-mark="${CSS.escape(region.id)}"] a`)?.click();
  });
  wave.on("ready", () => {
    regions = plugin;
    drawSoon();
    nameChannels(place);
    place.dataset.drawn = String(drawn.channels.length);
  });
}

/** Who is on each channel; where the words do not tell, the call's record does. */
function rolesOf(given, agent) {
  const roles = given.map((channel) => channel.role);
  if (agent === undefined || roles.length !== 2 || roles.some((role) => role !== null)) return roles;
  return roles.map((_, index) => (index === Number(agent) ? "agent" : "debtor"));
}

function nameChannels(place) {
  if (channels.length < 2) return;
  channels.forEach((role, index) => {
    const name = document.querySelector(`#role-names [data-role="${role ?? index}"]`).cloneNode(true);
    name.className = `channel-name channel-${index}`;
    place.append(name);
  });
}

/** The channel of who speaks in a row of the findings; -1 for all of them. */
function channelOf({ role, channel }) {
  if (channels.length < 2) return -1;
  return channel !== undefined ? Number(channel) : channels.indexOf(role);
}

/** Draw the regions once in a moment, and not before the waveform stands: the plugin puts regions in place later, also those that were removed meanwhile. */
function drawSoon() {
  clearTimeout(drawing);
  drawing = setTimeout(drawRegions, 60);
}

function drawRegions() {
  if (regions === null) return;
  regions.clearRegions();
  // Findings in the same words share a region, which takes the colour of the gravest: they stand in that order.
  const places = new Map();
  for (const row of document.querySelectorAll(".found li[data-start]")) {
    const key = `${row.dataset.start} ${row.dataset.end} ${channelOf(row.dataset)}`;
    places.set(key, [...(places.get(key) ?? []), row]);
  }
  for (const rows of places.values()) {
    const { severity, start, end, mark } = rows[0].dataset;
    const chosen = rows.some((row) => row.querySelector("a[aria-current]"));
    const label = document.createElement("span");
    label.textContent = rows.map((row) => row.dataset.mark).join(" ");
    Object.assign(label.style, { font: "700 11px/1.3 system-ui", color: "#fff", background: LABELS[severity], padding: "0 4px", borderRadius: "0 0 4px 0", display: "inline-block" });
    regions.addRegion({
      id: mark,
      start: Number(start),
      end: Math.max(Number(end), Number(start) + 0.3),
      color: `${COLOURS[severity]}${chosen ? "80" : "38"}`,
      content: label,
      drag: false,
      resize: false,
      channelIdx: channelOf(rows[0].dataset),
    });
  }
}

// What stays in view below the sound has to know how high it is.
const bar = document.querySelector(".sound");
new ResizeObserver(() => document.documentElement.style.setProperty("--sound-height", `${bar.offsetHeight}px`)).observe(bar);

if (hasSound) {
  audio.addEventListener("play", () => {
    showPlaying();
    requestAnimationFrame(everyFrame);
  });
  audio.addEventListener("pause", showPlaying);
  audio.addEventListener("seeked", show);
  audio.addEventListener("error", () => {
    document.getElementById("sound-lost").hidden = false;
  });
  playing.addEventListener("click", toggle);
  document.getElementById("back").addEventListener("click", () => skip(-5));
  document.getElementById("forward").addEventListener("click", () => skip(5));
  speed.addEventListener("change", () => {
    audio.playbackRate = Number(speed.value);
  });
  draw();
}
