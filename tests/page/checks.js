// checks.js - what page.py asks of a page, in the page. Each returns a list of what is wrong, or true if it holds.

function unfold() {
  document.querySelectorAll("details").forEach((details) => (details.open = true));
}

function name_of(element) {
  return `${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""}${element.className ? "." + element.className : ""}`;
}

function hidden(element) {
  return !element.checkVisibility({ contentVisibilityAuto: false }) || element.getBoundingClientRect().height === 0;
}

function on_screen(element) {
  const box = element.getBoundingClientRect();
  return box.height > 0 && box.top >= 0 && box.top < innerHeight && box.left >= 0 && box.left < innerWidth;
}

function rgba(color) {
  const numbers = color.match(/[\d.]+/g).map(Number);
  return numbers.length < 4 ? [...numbers, 1] : numbers;
}

// WCAG 2: relative luminance and contrast ratio.
function luminance([red, green, blue]) {
  const [r, g, b] = [red, green, blue].map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function background_of(element) {
  for (let at = element; at; at = at.parentElement) {
    const color = rgba(getComputedStyle(at).backgroundColor);
    if (color[3] === 1) return color;
    if (color[3] > 0) throw new Error(`a background that lets another through: ${name_of(at)}`);
  }
  return [255, 255, 255, 1];
}

function low_contrast() {
  const wrong = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || ["STYLE", "title", "desc"].includes(element.tagName)) continue;
    const ink = getComputedStyle(element)[element instanceof SVGElement ? "fill" : "color"];
    const pair = [luminance(rgba(ink)), luminance(background_of(element))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) wrong.add(`${name_of(element)}: ${ratio.toFixed(2)}`);
  }
  return [...wrong];
}

function too_wide() {
  const wrong = [];
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`the page: ${document.documentElement.scrollWidth}`);
  for (const element of document.body.querySelectorAll("*:not(.hidden, .skip, .scroll *)"))
    if (element.getBoundingClientRect().right > innerWidth + 0.5) wrong.push(name_of(element));
  return wrong;
}

// Whether the style is in force: the policy lets it through by its hash only.
function styled() {
  const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]").content;
  const list = document.querySelector(".ladder > .state");
  return (
    /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'$/.test(policy) &&
    document.styleSheets.length === 1 &&
    getComputedStyle(document.body).marginTop === "0px" &&
    (!list || getComputedStyle(list).display === "grid")
  );
}

function structure() {
  const wrong = [];
  const ids = new Set();
  for (const element of document.querySelectorAll("[id]")) {
    if (ids.has(element.id)) wrong.push(`twice: ${element.id}`);
    ids.add(element.id);
  }
  for (const link of document.querySelectorAll("a")) {
    const target = link.getAttribute("href");
    if (!target.startsWith("#") || !ids.has(target.slice(1))) wrong.push(`a link to ${target}`);
    if (!link.textContent.trim()) wrong.push(`a link without a name to ${target}`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) wrong.push(`from h${level} to h${next}: ${heading.textContent}`);
    if (!heading.textContent.trim()) wrong.push(`an empty ${name_of(heading)}`);
    level = next;
  }
  for (const [selector, count] of [["h1", 1], ["main", 1], ["html[lang=en]", 1], ["head > title", 1], ["meta[name=viewport]", 1]])
    if (document.querySelectorAll(selector).length !== count) wrong.push(`not ${count} ${selector}`);
  for (const list of document.querySelectorAll("ol, ul"))
    for (const child of list.children) if (child.tagName !== "LI") wrong.push(`${name_of(child)} in a list`);
  for (const item of document.querySelectorAll("li"))
    if (!["OL", "UL"].includes(item.parentElement.tagName)) wrong.push(`${name_of(item)} in no list`);
  for (const details of document.querySelectorAll("details"))
    if (details.firstElementChild.tagName !== "SUMMARY") wrong.push(`${name_of(details)} without a summary`);
  for (const head of document.querySelectorAll("th")) if (!head.scope) wrong.push(`th without scope: ${head.textContent}`);
  for (const child of document.body.children)
    if (!["A", "HEADER", "MAIN", "FOOTER"].includes(child.tagName)) wrong.push(`${name_of(child)} outside of the landmarks`);
  return wrong;
}

// A recording can add elements neither by their names nor by their attributes.
function foreign_elements() {
  const names = new Set(
    ("A BDI BODY CODE DD DETAILS DIV DL DT FOOTER H1 H2 H3 H4 HEAD HEADER HTML I LI MAIN META OL P PRE SECTION SPAN STYLE SUMMARY " +
      "TABLE TBODY TD TH THEAD TITLE TR UL").split(" "),
  );
  const attributes = new Set("charset class content dir href http-equiv id lang name open scope tabindex".split(" "));
  const wrong = [];
  for (const element of document.querySelectorAll("*")) {
    if (!names.has(element.tagName)) wrong.push(name_of(element));
    for (const { name } of element.attributes) if (!attributes.has(name)) wrong.push(`${name_of(element)} with ${name}`);
  }
  for (const kind of ["STYLE", "META"]) {
    const outside = [...document.body.querySelectorAll(kind)];
    if (outside.length > 0) wrong.push(`${kind} in the body`);
  }
  return wrong;
}

function acting_characters() {
  return [...document.documentElement.outerHTML.matchAll(/[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g)].map(
    (match) => match[0].charCodeAt(0).toString(16),
  );
}

// Whether the rows from a cause to a fault join into one line. Gives what is wrong with it.
function wire(cause, fault) {
  const wrong = [];
  const first = document.getElementById(cause);
  const last = document.getElementById(fault).closest("li");
  const lane = [...first.querySelector(".w.from").classList].find((name) => /^l\d$/.test(name));
  let below = null;
  for (let row = first; row; row = row === last ? null : row.nextElementSibling) {
    const piece = row.querySelector(`:scope > .w.${lane}`);
    if (!piece) return [`no line beside ${name_of(row)}`];
    const box = piece.getBoundingClientRect();
    if (below !== null && Math.abs(box.top - below) > 1) wrong.push(`a gap of ${box.top - below} above ${name_of(row)}`);
    if (getComputedStyle(piece).borderLeftWidth !== "2px") wrong.push(`nothing to be seen beside ${name_of(row)}`);
    below = box.bottom;
  }
  if (!last.querySelector(`:scope > .w.to.${lane}`)) wrong.push("it does not end at the fault");
  return wrong;
}

// The list of findings: rule, severity, line.
function listed() {
  return [...document.querySelectorAll(".all > li")].map((item) => [
    item.querySelector("code").textContent,
    item.querySelector(".severity").textContent,
    item.querySelector(".meta").textContent.match(/:(\d+):\d+$/)[1],
  ]);
}

// The findings in the ladders: rule, and the line beside which it stands.
function drawn() {
  return [...document.querySelectorAll(".fault")].map((fault) => [
    fault.querySelector(".title code").textContent,
    fault.closest("li").querySelector(".n").textContent,
  ]);
}
