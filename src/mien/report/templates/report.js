"use strict";
// One click copies a table, or saves a figure. Nothing is loaded, sent or run that comes from data.
(() => {
  const clean = (cell) => cell.innerText.replace(/\s+/g, " ").trim();
  const wait = (button, words) => {
    const before = button.textContent;
    button.textContent = words;
    setTimeout(() => { button.textContent = before; }, 1600);
  };
  const titleOf = (table) => table.caption ? clean(table.caption) : "";

  function asText(table) {
    return [...table.rows].map((row) => [...row.cells].flatMap((cell) =>
      [clean(cell), ...Array(Math.max(0, cell.colSpan - 1)).fill("")]).join("\t")).join("\n");
  }

  function asTable(table) {
    const copy = document.createElement("table");
    for (const row of table.rows) {
      const made = copy.insertRow();
      for (const cell of row.cells) {
        const own = document.createElement(cell.tagName);
        own.textContent = clean(cell);
        if (cell.colSpan > 1) own.colSpan = cell.colSpan;
        made.append(own);
      }
    }
    return copy.outerHTML;
  }

  function copy(table, button) {
    const fill = (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      event.clipboardData.setData("text/plain", asText(table));
      event.clipboardData.setData("text/html", asTable(table));
    };
    // A page that was opened as a file may not be asked for the newer clipboard: this way works everywhere.
    document.addEventListener("copy", fill, true);
    const range = document.createRange(), chosen = getSelection();
    range.selectNodeContents(table);
    chosen.removeAllRanges();
    chosen.addRange(range);
    const done = document.execCommand("copy");
    chosen.removeAllRanges();
    document.removeEventListener("copy", fill, true);
    wait(button, done ? "Copied" : "Not copied: select and copy it");
  }

  function drawingOf(figure) {
    const copies = [...figure.querySelectorAll("svg")].filter((svg) => !svg.parentElement.closest("svg"));
    const svg = copies[0].cloneNode(true);
    const box = svg.viewBox.baseVal;
    svg.setAttribute("color", "#000000");
    svg.setAttribute("width", box.width);
    svg.setAttribute("height", box.height);
    // Fills that follow the page's colours become those of paper.
    for (const part of svg.querySelectorAll("[fill^='var(']")) part.setAttribute("fill", "#ffffff");
    const words = document.createElementNS("http://www.w3.org/2000/svg", "desc");
    words.textContent = figure.querySelector(".number").firstChild.data + ". " + clean(figure.querySelector("figcaption"));
    svg.insertBefore(words, svg.children[1] || null);
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(svg) + "\n";
  }

  function save(figure, button) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([drawingOf(figure)], { type: "image/svg+xml" }));
    link.download = figure.id + ".svg";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    wait(button, "Saved");
  }

  function button(words, label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "take";
    made.textContent = words;
    made.title = label;
    made.setAttribute("aria-live", "polite");
    made.addEventListener("click", () => act(made));
    return made;
  }

  for (const table of document.querySelectorAll("main table")) {
    const place = table.closest(".scroll") || table;
    place.after(button("Copy table", "Copy this table: " + titleOf(table), (own) => copy(table, own)));
  }
  for (const figure of document.querySelectorAll("main figure[id]")) {
    if (figure.querySelector("svg") && !figure.querySelector("table")) {
      figure.querySelector(".number").append(button("Save as SVG", "Save this figure", (own) => save(figure, own)));
    }
  }
})();
