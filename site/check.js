// check.js - the page of the checker: a log is pasted, dropped or typed, its report is shown. Nothing leaves the page.
"use strict";

const SHOWN_MAX = 50000; // longer logs are not shown in the box: with a megabyte the page stands still for seconds
const LONG = 1 << 20; // octets that take a while to check
const FILE_MAX = 50 * (1 << 20);
const LINK_MAX = 8000; // octets of a log that a link carries: programs for mail and chat cut longer ones
const PAUSE = 150; // milliseconds without a key before it is checked

const [box, file, server, state, progress, bar, octets, cancel, share, save, copy, link, made, reading, said, report] =
  ["log", "file", "server", "state", "progress", "bar", "octets", "cancel", "share", "save", "copy", "link", "made", "reading", "said", "report"]
    .map((id) => document.getElementById(id));

// A worker made from a blob has this page's policy: it cannot connect to anything either.
const place = document.currentScript.src;
const scripts = ["program.js", "worker.js"].map((name) => JSON.stringify(new URL(name, place).href));
const source = URL.createObjectURL(new Blob([`importScripts(${scripts});`], { type: "text/javascript" }));

// The program's reports are in the language of the page.
const spoken = CATALOGUE ? [`--lang=${CATALOGUE.language}`] : [];

let worker = null, running = null, waiting = null, numbers = 0, timer = 0;
let given = null; // a file that is not what stands in the box

function text(key, words = {}) {
  return TEXTS[key].replace(/\{(\w+)\}/g, (_, name) => words[name]);
}

function say(key, words) {
  state.textContent = text(key, words);
}

function megabytes(size) {
  return (size / 1e6).toFixed(1);
}

function recording() {
  return given ?? { name: "log.txt", blob: new Blob([box.value]) };
}

// A new worker; the old one's work is given up.
function start() {
  worker?.terminate();
  running = null;
  worker = new Worker(source);
  worker.onmessage = ({ data }) => {
    if (data.number !== running?.number) return;
    if ("read" in data) {
      showRead(data.read);
      return;
    }
    const { done } = running;
    running = null;
    showRunning();
    if (!waiting) done(data);
    next();
  };
  worker.onerror = () => say("not_loaded");
}

function showRead(read) {
  const { size } = running.blob;
  bar.max = size;
  bar.value = read;
  octets.textContent = text("read", { read: megabytes(read), all: megabytes(size) });
}

function showRunning() {
  progress.hidden = !(running?.blob.size > LONG);
  for (const button of [save, copy, link]) button.disabled = running !== null;
  if (running) showRead(0);
}

// Runs the latest job; what was asked for in between is left out.
function next() {
  if (running || !waiting) return;
  running = { ...waiting, number: ++numbers };
  waiting = null;
  showRunning();
  const { number, words, name, blob } = running;
  worker.postMessage({ number, words, name, blob, catalogue: CATALOGUE });
}

function run(job) {
  waiting = job;
  // A short one ends sooner than a new worker begins.
  if (running?.blob.size > LONG) start();
  next();
}

function clear() {
  report.replaceChildren();
  said.replaceChildren();
  reading.hidden = share.hidden = made.hidden = true;
}

function check() {
  clearTimeout(timer);
  const { name, blob } = recording();
  if (blob.size > FILE_MAX || blob.size === 0) {
    waiting = null;
    if (running) start();
    showRunning();
    clear();
    say(blob.size > 0 ? "large" : "empty");
    return;
  }
  const servers = server.value ? [`--server=${server.value}`] : [];
  say("checking", { name });
  run({ words: ["check", "--format=html", "--isolated", "--jobs=1", "--verbose", ...spoken, ...servers], name, blob, done: showReport });
}

function checkSoon(event) {
  given = null;
  clearTimeout(timer);
  if (event.inputType === "insertFromPaste") check();
  else timer = setTimeout(check, PAUSE);
}

async function showReport({ status, out, errors }) {
  const page = await out.text();
  clear();
  // The program escapes what comes from the log, and this page's policy allows no script in it. The style stands in style.css.
  const parsed = new DOMParser().parseFromString(page.slice(Math.max(page.indexOf("<body"), 0)), "text/html");
  report.replaceChildren(...parsed.querySelectorAll("header > :not(h1), main > *"));
  linkRules();
  for (const line of errors.split("\n").filter(Boolean)) {
    const item = document.createElement("li");
    item.textContent = line.replace(/^smtpseq: /, "");
    said.append(item);
  }
  reading.hidden = !errors;
  share.hidden = status === 2;
  say(status === 2 ? "unreadable" : "checked");
}

// A rule's name leads to its page: in a tab of its own, so that the log stays.
function linkRules() {
  for (const name of report.querySelectorAll("code")) {
    if (!RULES.includes(name.textContent)) continue;
    const anchor = document.createElement("a");
    anchor.href = `rules/${name.textContent}.html`;
    anchor.target = "_blank";
    anchor.rel = "noopener";
    name.replaceWith(anchor);
    anchor.append(name);
  }
}

// Asks for the anonymised transcript: resolves to it.
function transcript() {
  say("replacing");
  return new Promise((done, fail) => {
    const take = ({ out, errors }) => (out.size > 0 ? done(out) : fail(Error(errors)));
    run({ words: ["export", "--anonymize"], ...recording(), done: take });
  });
}

async function saveTranscript() {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(await transcript());
  anchor.download = "smtp-transcript.txt";
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 60000);
  say("saved");
}

async function copyTranscript() {
  // The promise is given at once: to wait first would outlast the leave that the click gives.
  const item = transcript();
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": item })]);
    say("copied");
  } catch {
    await item;
    say("not_copied");
  }
}

async function makeLink() {
  const blob = await transcript();
  if (blob.size > LINK_MAX) {
    say("too_long");
    return;
  }
  const signs = String.fromCharCode(...new Uint8Array(await blob.arrayBuffer()));
  made.querySelector("a").href = `#${btoa(signs).replaceAll("+", "-").replaceAll("/", "_")}`;
  made.hidden = false;
  say("linked");
}

function shown(error) {
  state.textContent = error.message;
}

async function take(offered) {
  if (!offered) return;
  const name = offered.name.replace(/^[-.]+|\//g, "_") || "log.txt";
  given = { name, blob: offered };
  const small = offered.size <= SHOWN_MAX;
  box.placeholder = small ? "" : text("not_shown", { name, all: megabytes(offered.size) });
  box.value = small ? new TextDecoder().decode(await offered.arrayBuffer()) : "";
  check();
}

// A link to this page may carry a small log, in the part that is not sent to the server.
function takeLink() {
  // The report has links to its own parts.
  if (location.hash.length < 2 || document.getElementById(location.hash.slice(1))) return;
  try {
    const signs = atob(location.hash.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
    box.value = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(signs, (sign) => sign.charCodeAt(0)));
  } catch {
    return;
  }
  given = null;
  check();
  scrollTo(0, 0); // examples stand below the report
}

function takePaste(event) {
  const pasted = event.clipboardData.getData("text/plain");
  const [first] = event.clipboardData.files;
  if (!first && pasted.length <= SHOWN_MAX) return; // the box takes it
  event.preventDefault();
  if (first) take(first);
  else takeLong(pasted);
}

// Makes a file of a long text, piece by piece: the page stays alive in between.
async function takeLong(pasted) {
  const parts = [];
  for (let at = 0, end; at < pasted.length && parts.length * LONG <= FILE_MAX; at = end) {
    end = at + LONG;
    const sign = pasted.charCodeAt(end - 1);
    if (sign >= 0xd800 && sign < 0xdc00) end++; // the first half of a character
    parts.push(new Blob([pasted.slice(at, end)]));
    await new Promise((go) => setTimeout(go));
  }
  take(new File(parts, "log.txt"));
}

box.addEventListener("input", checkSoon);
box.addEventListener("paste", takePaste);
server.addEventListener("change", check);
file.addEventListener("change", () => take(file.files[0]));
cancel.addEventListener("click", () => {
  waiting = null;
  start();
  showRunning();
  say("cancelled");
  box.focus();
});
save.addEventListener("click", () => saveTranscript().catch(shown));
copy.addEventListener("click", () => copyTranscript().catch(shown));
link.addEventListener("click", () => makeLink().catch(shown));
document.addEventListener("dragover", (event) => {
  if (event.dataTransfer.types.includes("Files")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const [first] = event.dataTransfer.files;
  if (!first) return; // a text, which the box takes
  event.preventDefault();
  take(first);
});
addEventListener("hashchange", takeLink);
start();
check();
takeLink();
