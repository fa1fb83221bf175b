// Keeps the page true: the daemon tells what happens (/v1/events), and the page, which the daemon
// has drawn whole, is fetched again and taken over where it differs. Nothing is drawn here.
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
  if (old.isEqualNode(fresh)) return;
  const isKeyed = [...fresh.children].some((child) => child.dataset.key);
  const isAlike = old.tagName === fresh.tagName && old.children.length > 0 &&
    old.children.length === fresh.children.length;
  if (!isKeyed && !isAlike) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
  if (!isKeyed) {
    [...old.children].forEach((child, i) => takeOver(child, fresh.children[i]));
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

let timer = 0;
function soon() {
  if (!timer) timer = setTimeout(() => { timer = 0; refresh(); }, 100);
}

const events = new EventSource("/v1/events");
events.onopen = () => show("live", "good");
events.onerror = () => show("not connected", "bad");
for (const kind of ["hello", "registered", "unregistered", "joined", "left", "changed"])
  events.addEventListener(kind, soon);
