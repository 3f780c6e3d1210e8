// Keys: j and k go from change to change. Everything works without this file, too.
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

const keys = { j: () => go(1), k: () => go(-1) };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) return;
  keys[event.key]?.(event);
});
