"use strict";
/* The search of the report: it reads what is on the page and links to it. Text is only ever set as text. */
(() => {
  const most = 25;
  const form = document.getElementById("finder"), box = document.getElementById("find");
  const found = document.getElementById("found"), count = document.getElementById("found-count");
  const units = "h1, h2, h3, h4, caption, .caption, tbody tr, ul:not(.toc) > li, main p";
  const places = Array.from(document.querySelectorAll("main"), (main) => Array.from(main.querySelectorAll(units))).flat();
  const texts = places.map((place) => place.textContent.replace(/\s+/g, " ").trim());

  function title(place) {
    const section = place.closest("section");
    const heading = section && section.querySelector("h1, h2");
    return heading ? heading.textContent.trim() : "";
  }

  function show(place) {
    for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    place.scrollIntoView({ block: "center" });
    place.classList.add("here");
    setTimeout(() => place.classList.remove("here"), 2500);
  }

  function entry(number, words) {
    const item = document.createElement("li"), link = document.createElement("a"), where = document.createElement("small");
    const text = texts[number], start = Math.max(0, text.toLowerCase().indexOf(words[0]) - 40);
    link.href = "#" + (places[number].closest("section") || {}).id;
    link.textContent = (start ? "… " : "") + text.slice(start, start + 140);
    where.textContent = title(places[number]);
    link.addEventListener("click", (event) => { event.preventDefault(); show(places[number]); });
    item.append(where, link);
    return item;
  }

  function search() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    found.replaceChildren();
    count.textContent = "";
    if (box.value.trim().length < 2) return;
    const hits = places.map((_, n) => n).filter((n) => words.every((word) => texts[n].toLowerCase().includes(word)));
    count.textContent = hits.length ? (hits.length > most ? `first ${most} of ${hits.length}` : `${hits.length} found`) : "nothing found";
    found.append(...hits.slice(0, most).map((n) => entry(n, words)));
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", search);
})();
