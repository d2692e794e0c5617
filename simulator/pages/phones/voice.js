// Voice notes: playing them, and recording one.

import { el, icon } from "./dom.js";
import { duration } from "./format.js";

const FORMATS = ["audio/ogg;codecs=opus", "audio/mp4", "audio/webm;codecs=opus"];
const LONGEST_MS = 15 * 60_000;

// Players are kept: a bubble is drawn anew for every tick, and must not fall silent for it.
const players = new Map();
let playing = null;

export function voicePlayer(id, url, seconds, onPlay) {
  if (!players.has(id)) players.set(id, createPlayer(url, seconds, onPlay));
  return players.get(id);
}

function createPlayer(url, seconds, onPlay) {
  const audio = new Audio();
  audio.preload = "none";
  audio.src = url;
  const length = () => (Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : seconds || 0);
  const clock = el("span", { class: "voice-time" }, duration(seconds));
  const bar = el("input", { type: "range", class: "voice-bar", min: 0, max: 1000, value: 0, "aria-label": "Posição do áudio" });
  const button = el("button", { type: "button", class: "round", "aria-label": "Ouvir" }, icon("play"));
  const show = () => {
    const position = length() ? Math.min(1, audio.currentTime / length()) : 0;
    bar.value = position * 1000;
    bar.style.setProperty("--done", `${position * 100}%`);
    clock.textContent = duration(audio.currentTime || length());
    button.setAttribute("aria-label", audio.paused ? "Ouvir" : "Pausar");
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
  };
  button.addEventListener("click", () => {
    if (!audio.paused) { audio.pause(); return; }
    playing?.pause();
    playing = audio;
    onPlay();
    audio.play().catch(() => { clock.textContent = "não toca"; });
  });
  bar.addEventListener("input", () => { if (length()) audio.currentTime = (bar.value / 1000) * length(); });
  for (const type of ["timeupdate", "play", "pause", "ended", "loadedmetadata"]) audio.addEventListener(type, show);
  return el("span", { class: "voice" }, button, el("span", { class: "voice-body" }, bar, clock));
}

/** Record from the microphone. Returns `{stop, cancel}`; `stop` gives `{file, seconds}`. Throws where there is none. */
export async function record(onSecond) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
  const parts = [];
  const began = performance.now();
  recorder.addEventListener("dataavailable", (event) => { if (event.data.size) parts.push(event.data); });
  const finished = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
  const timer = setInterval(() => onSecond((performance.now() - began) / 1000), 250);
  const limit = setTimeout(() => recorder.state === "recording" && recorder.stop(), LONGEST_MS);
  recorder.start();
  const end = async () => {
    clearInterval(timer);
    clearTimeout(limit);
    if (recorder.state !== "inactive") recorder.stop();
    await finished;
    stream.getTracks().forEach((track) => track.stop());
  };
  return {
    cancel: end,
    stop: async () => {
      const seconds = Math.round((performance.now() - began) / 100) / 10;
      await end();
      const type = (recorder.mimeType || "audio/webm").replace(/;\s*/, "; ");
      return { file: new Blob(parts, { type }), seconds };
    },
  };
}

/** How long a sound file is, in seconds; null where the browser cannot tell. */
export function soundLength(file) {
  return new Promise((resolve) => {
    const url = URL.createObjectURL(file);
    const audio = new Audio();
    const done = (seconds) => { URL.revokeObjectURL(url); resolve(Number.isFinite(seconds) ? Math.round(seconds * 10) / 10 : null); };
    audio.addEventListener("loadedmetadata", () => done(audio.duration));
    audio.addEventListener("error", () => done(null));
    audio.src = url;
  });
}
