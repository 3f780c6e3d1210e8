// Keys for those who read many changes. Everything works without this file, too.
"use strict";

const stops = [...document.querySelectorAll(".stop")];
let at = -1;

const go = (step) => {
  if (!stops.length) return;
  at = Math.min(Math.max(at + step, 0), stops.length - 1);
  document.querySelector(".at")?.classList.remove("at");
  stops[at].classList.add("at");
  stops[at].scrollIntoView({ block: "center" });
};

const press = (selector) => document.querySelector(selector)?.click();

const keys = {
  j: () => go(1),
  k: () => go(-1),
  n: (event) => {
    const note = document.getElementById("note");
    if (!note) return;
    event.preventDefault();
    note.focus();
  },
  u: () => press("#undo button"),
  s: () => press("#skip"),
  q: () => press("#back"),
  Enter: (event) => {
    if (event.target === document.body) press(".at h2 a");
  },
};
for (const number of [1, 2, 3, 4]) {
  keys[number] = () => press(`#verdict .buttons button:nth-of-type(${number})`);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  keys[event.key]?.(event);
});
