// Keeps the page true: the daemon tells what happens (/v1/events), and the page, which the daemon
// has drawn whole, is fetched again and taken over where it differs. Nothing is drawn here. Rows are
// sorted and filtered as the reader wishes.
"use strict";

const live = document.getElementById("live");

function show(text, mood) {
  live.hidden = false;
  live.textContent = text;
  live.className = "pill " + mood;
}

/* Children with a data-key stay the same elements as long as they look the same, so that only what
   is new is seen to arrive. */
function takeOver(old, fresh) {
  if (old.tagName === "THEAD" || old.isEqualNode(fresh)) return;  // heads stay, with their buttons
  const isKeyed = [...fresh.children].some((child) => child.dataset.key);
  const isText = [...old.childNodes, ...fresh.childNodes].some((child) => child.nodeType === 3);
  const isAlike = !isText && old.tagName === fresh.tagName && old.children.length > 0 &&
    old.children.length === fresh.children.length;
  if (!isKeyed && !isAlike) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
  if (!isKeyed) {
    const taken = [...fresh.children];  // what is taken over leaves its parent
    [...old.children].forEach((child, i) => takeOver(child, taken[i]));
    return;
  }
  const known = new Map([...old.children].map((child) => [child.dataset.key, child]));
  const children = [...fresh.children].map((child) => {
    const before = known.get(child.dataset.key);
    if (before && before.isEqualNode(child)) return before;
    if (!before) child.classList.add("fresh");
    return child;
  });
  old.replaceChildren(...children);
}

const filter = document.getElementById("filter");
const matches = document.getElementById("matches");
const inOrder = new Intl.Collator("en", { numeric: true });
const sortedBy = new Map();  // a section's id: which column, and whether upwards

function sort(section) {
  const by = sortedBy.get(section.id);
  const body = section.querySelector("tbody");
  if (!by || !body) return;
  const text = (row) => row.children[by.column]?.textContent ?? "";
  const rows = [...body.children].sort((one, other) => inOrder.compare(text(one), text(other)));
  body.replaceChildren(...(by.isUpwards ? rows : rows.reverse()));
  section.querySelectorAll("th").forEach((head, column) => {
    if (column === by.column) head.setAttribute("aria-sort", by.isUpwards ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  });
}

function sortBy(section, column) {
  const before = sortedBy.get(section.id);
  const isUpwards = before?.column !== column || !before.isUpwards;
  sortedBy.set(section.id, { column, isUpwards });
  sort(section);
}

function makeSortable(section) {
  section.querySelectorAll("th").forEach((head, column) => {
    if (head.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sortBy(section, column));
    head.replaceChildren(button);
  });
}

function showMatching() {
  const wanted = filter.value.trim().toLowerCase();
  const isMatch = (element) => element.textContent.toLowerCase().includes(wanted);
  const rows = [...document.querySelectorAll("section[id]:not(#changes) tbody tr")];
  for (const row of rows) row.hidden = !isMatch(row);
  for (const way of document.querySelectorAll("#ways > g"))
    way.classList.toggle("faded", !isMatch(way));
  const shown = rows.filter((row) => !row.hidden).length;
  matches.textContent = wanted ? shown + " of " + rows.length + " rows" : "";
}

/* What the daemon does not draw. */
function dress() {
  for (const section of document.querySelectorAll("section[id]")) {
    if (section.id === "problems") continue;  // the worst first
    makeSortable(section);
    sort(section);
  }
  if (filter.value.trim()) showMatching();
}

document.getElementById("tools").hidden = false;
filter.addEventListener("input", showMatching);
dress();

let isFetching = false;
let isStale = false;

async function refresh() {
  isStale = true;
  if (isFetching) return;
  isFetching = true;
  try {
    while (isStale) {
      isStale = false;
      const answer = await fetch("/", { cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const fresh = page.getElementById(part.id);
        if (fresh) takeOver(part, document.importNode(fresh, true));
      }
      dress();
    }
  } catch {
    show("not connected", "bad");
  }
  isFetching = false;
}

function ago(moment) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(moment)) / 1000));
  if (seconds < 60) return seconds + " s ago";
  if (seconds < 3600) return Math.floor(seconds / 60) + " min ago";
  if (seconds < 86400) return Math.floor(seconds / 3600) + " h ago";
  return Math.floor(seconds / 86400) + " days ago";
}

/* Only when somebody wants to see it: what is drawn is compared with what is drawn next. */
document.addEventListener("mouseover", (event) => {
  const time = event.target.closest("time");
  if (time) time.title = new Date(time.dateTime).toLocaleString() + ", " + ago(time.dateTime);
});

/* Those who look at a thousand rows that change all the time look less often. */
let timer = 0;
let took = 0;
function soon() {
  if (timer) return;
  timer = setTimeout(async () => {
    const began = performance.now();
    timer = 0;
    await refresh();
    took = performance.now() - began;
  }, Math.max(100, 3 * took));
}

const events = new EventSource("/v1/events");
events.onopen = () => show("live", "good");
events.onerror = () => show("not connected", "bad");
for (const kind of ["hello", "registered", "unregistered", "joined", "left", "changed"])
  events.addEventListener(kind, soon);
