// check.js - the page of the checker: a log is pasted, dropped or typed, its report is shown. Nothing leaves the page.
"use strict";

const TYPED_MAX = 1 << 20; // larger logs are not shown in the box
const FILE_MAX = 50 * (1 << 20);
const PAUSE = 150; // milliseconds without a key before it is checked

const box = document.getElementById("log"), file = document.getElementById("file"), server = document.getElementById("server");
const state = document.getElementById("state"), report = document.getElementById("report");

// A worker made from a blob has this page's policy: it cannot connect to anything either.
const scripts = ["program.js", "worker.js"].map((name) => JSON.stringify(new URL(name, document.baseURI).href));
const source = URL.createObjectURL(new Blob([`importScripts(${scripts});`], { type: "text/javascript" }));
const worker = new Worker(source);

let dropped = null, running = 0, waiting = null, numbers = 0, timer = 0;

function say(text) {
  state.textContent = text;
}

// Runs the latest log; what was typed in between is left out.
function next() {
  if (running || !waiting) return;
  const job = waiting;
  waiting = null;
  running = ++numbers;
  say("Checking ...");
  worker.postMessage({ number: running, ...job });
}

function check() {
  const recording = dropped ?? { name: "log.txt", octets: new TextEncoder().encode(box.value) };
  if (recording.octets.length === 0) {
    waiting = null;
    report.replaceChildren();
    say("Paste a log, or drop a file on this page.");
    return;
  }
  const servers = server.value ? [`--server=${server.value}`] : [];
  waiting = { words: ["check", "--format=html", "--isolated", ...servers], ...recording };
  next();
}

function checkSoon() {
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

worker.onmessage = ({ data }) => {
  running = 0;
  if (!waiting) {
    // The program escapes what comes from the log, and this page's policy allows no script in it. The style stands in style.css.
    const body = data.out.slice(Math.max(data.out.indexOf("<body"), 0));
    const page = new DOMParser().parseFromString(body, "text/html");
    report.replaceChildren(...page.querySelectorAll("header > :not(h1), main > *"));
    say(data.status === 2 ? data.errors || "This could not be read." : "Checked.");
  }
  next();
};
worker.onerror = () => say("The checker could not be loaded.");

async function take(given) {
  if (!given) return;
  if (given.size > FILE_MAX) {
    say("This file is larger than 50 MB: use the program.");
    return;
  }
  const octets = new Uint8Array(await given.arrayBuffer());
  box.value = octets.length <= TYPED_MAX ? new TextDecoder().decode(octets) : "";
  dropped = { name: given.name.replace(/^[-.]+|\//g, "_") || "log.txt", octets };
  check();
}

// A link to this page may carry a small log, in the part that is not sent to the server.
function takeLink() {
  // The report has links to its own parts.
  if (location.hash.length < 2 || document.getElementById(location.hash.slice(1))) return;
  try {
    const text = atob(location.hash.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
    box.value = new TextDecoder().decode(Uint8Array.from(text, (sign) => sign.charCodeAt(0)));
  } catch {
    return;
  }
  dropped = null;
  check();
}

box.addEventListener("input", () => {
  dropped = null;
  checkSoon();
});
server.addEventListener("change", check);
file.addEventListener("change", () => take(file.files[0]));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});
addEventListener("hashchange", takeLink);
takeLink();
check();
