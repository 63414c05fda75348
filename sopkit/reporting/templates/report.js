"use strict";
/* Tabs, tables and search of the report. Text is only ever set as text. Without this script all stages stand one after another. */
(() => {
  const most = 25, least = 12;
  const sections = Array.from(document.querySelectorAll("main > section"));
  const links = Array.from(document.querySelectorAll(".contents ol:first-of-type a"));

  /* ---- tables: sort, filter, page, copy; when its tab is first shown */
  function whole(exhibit) {
    const table = exhibit.querySelector(":scope > .scroll > table"), fold = exhibit.querySelector(":scope > .fold");
    if (!table || table.dataset.live || !table.tHead || table.tBodies.length !== 1) return;
    const rows = fold ? Array.from(fold.querySelectorAll("tbody tr")) : [];
    const first = table.tBodies[0].rows.length;
    if (!fold && first < least) return;
    table.tBodies[0].append(...rows);
    if (fold) fold.remove();
    table.dataset.live = "yes";
    const live = new DataTable(table, {
      order: [], pageLength: first, lengthMenu: [[first, 50, -1], [first, 50, "all"]], autoWidth: false, typeDetect: true,
      layout: { topStart: "search", topEnd: null, bottomStart: "info", bottomEnd: ["pageLength", "paging"] },
      language: { search: "Filter", info: "_START_ to _END_ of _TOTAL_ rows", infoFiltered: "", infoEmpty: "no rows", lengthMenu: "_MENU_ rows", zeroRecords: "no row matches the filter" },
    });
    const said = table.caption;
    if (said) { table.setAttribute("aria-label", said.textContent.trim()); exhibit.prepend(said); }
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "copy";
    copy.textContent = "Copy";
    copy.addEventListener("click", () => copied(table, live, copy));
    exhibit.prepend(copy);
  }

  function copied(table, live, button) {
    const line = (cells) => Array.from(cells, (cell) => cell.innerText.replace(/\s+/g, " ").trim()).join("\t");
    const rows = live.rows({ search: "applied" }).nodes().toArray();
    const text = [line(table.tHead.rows[0].cells), ...rows.map((row) => Array.from(row.cells, (cell) => cell.textContent.trim()).join("\t"))].join("\n");
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    button.textContent = document.execCommand("copy") ? rows.length + " rows copied" : "not copied";
    area.remove();
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  /* ---- tabs */
  function shown(section) {
    for (const one of sections) one.classList.toggle("away", one !== section);
    for (const link of links) link.toggleAttribute("aria-current", link.hash === "#" + section.id);
    for (const exhibit of section.querySelectorAll(".exhibit")) whole(exhibit);
  }

  function arrive() {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    shown((place && place.closest("main > section")) || sections[0]);
    if (place) reveal(place);
    if (place && sections.includes(place)) scrollTo(0, 0);
    else if (place) place.scrollIntoView();
  }

  function reveal(place) {
    for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const folded = place.matches("a:empty") && place.parentElement.matches("details") && place.parentElement;
    if (folded) folded.open = true;
  }

  /* ---- search: rows, headings and sentences of the page */
  const form = document.getElementById("finder"), box = document.getElementById("find");
  const found = document.getElementById("found"), count = document.getElementById("found-count");
  const names = JSON.parse(form.dataset.names);
  const units = ".item > summary, h1, h2, h3, h4, caption, .caption, tbody tr, ul:not(.toc) > li, main p";
  const places = Array.from(document.querySelectorAll("main " + units.split(", ").join(", main ")))
    .filter((place) => !place.closest(".item .dense") && !place.matches(".item h2"))
    .sort((one, other) => other.matches(".item > summary") - one.matches(".item > summary"));
  const texts = places.map(readable);

  function readable(place) {
    const cells = place.cells ? Array.from(place.cells) : [place];
    return cells.map((cell) => called(cell.textContent.replace(/\s+/g, " ").trim())).filter(Boolean).join(" · ");
  }

  function called(text) {
    return Object.hasOwn(names, text) ? names[text] : text;
  }

  function title(place) {
    const item = place.closest(".item");
    if (item) return item.dataset.kind + (place.matches("summary") ? "" : ": " + item.querySelector("summary b").textContent);
    const section = place.closest("section"), heading = section && section.querySelector("h1, h2");
    const table = place.closest("table"), caption = table && table.caption;
    return [heading, caption].filter(Boolean).map((one) => one.textContent.trim()).join(": ");
  }

  function show(place) {
    const section = place.closest("main > section");
    if (section) shown(section);
    const table = place.closest("table") || (place.matches("tr") && place.ownTable);
    if (!place.isConnected && table) new DataTable.Api(table).page.len(-1).draw();
    reveal(place);
    place.scrollIntoView({ block: "center" });
    place.classList.add("here");
    setTimeout(() => place.classList.remove("here"), 2500);
  }

  function entry(number, words) {
    const item = document.createElement("li"), link = document.createElement("a"), where = document.createElement("small");
    const text = texts[number], start = Math.max(0, text.toLowerCase().indexOf(words[0]) - 40);
    link.href = "#" + homes[number];
    link.textContent = (start ? "… " : "") + text.slice(start, start + 140);
    where.textContent = titles[number];
    link.addEventListener("click", (event) => { event.preventDefault(); show(places[number]); });
    item.append(where, link);
    return item;
  }

  /* kept before tables page their rows out of the document */
  const titles = places.map(title);
  const homes = places.map((place) => (place.closest("main > section") || {}).id);
  for (const place of places) if (place.matches("tr")) place.ownTable = place.closest("table").closest(".exhibit") ? place.closest(".exhibit").querySelector("table") : place.closest("table");

  function search() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    found.replaceChildren();
    count.textContent = "";
    if (box.value.trim().length < 2) return;
    const hits = places.map((_, n) => n).filter((n) => words.every((word) => texts[n].toLowerCase().includes(word)));
    count.textContent = hits.length ? (hits.length > most ? `first ${most} of ${hits.length}` : `${hits.length} found`) : "nothing found";
    found.append(...hits.slice(0, most).map((n) => entry(n, words)));
  }

  document.body.classList.add("tabbed");
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", search);
  addEventListener("hashchange", arrive);
  for (const fold of document.querySelectorAll("details")) fold.addEventListener("toggle", () => { if (fold.open) for (const exhibit of fold.querySelectorAll(".exhibit")) whole(exhibit); });
  arrive();
})();
