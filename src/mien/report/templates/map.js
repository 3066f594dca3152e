"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const maps = [...document.querySelectorAll("svg.map")];
  const tip = document.getElementById("tip");
  const colour = document.getElementById("colour");
  const turn = document.getElementById("turn");
  const side = document.getElementById("selection");
  const svg = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
  const radius = Math.min(0.02, Math.max(0.006, 0.3 / Math.sqrt(data.ids.length)));
  const solid = data.maps.map((map) => map.points.some((point) => point && point.length > 2));
  let selected = null;

  const place = (number, row) => {
    const point = data.maps[number].points[row];
    if (!solid[number]) return [point[0], -point[1]];
    const angle = (turn.value * Math.PI) / 180;
    return [point[0] * Math.cos(angle) + point[2] * Math.sin(angle), -point[1]];
  };

  const marks = maps.map((map, number) => data.ids.map((id, row) => {
    if (!data.maps[number].points[row]) return null;
    const mark = svg("circle");
    mark.setAttribute("r", radius);
    mark.dataset.row = row;
    map.append(mark);
    return mark;
  }));

  const draw = () => marks.forEach((of, number) => of.forEach((mark, row) => {
    if (!mark) return;
    const [x, y] = place(number, row);
    mark.setAttribute("cx", x);
    mark.setAttribute("cy", y);
  }));

  const shades = (name) => {
    const values = data.attributes[name];
    const known = values.filter((value) => value !== null);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const spread = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length) || 1;
    return values.map((value) => (value === null ? 0 : (value - mean) / spread));
  };

  const paint = () => {
    const above = colour.value ? shades(colour.value) : null;
    document.getElementById("scale").hidden = !above;
    marks.forEach((of) => of.forEach((mark, row) => {
      if (!mark) return;
      const amount = above ? Math.min(Math.abs(above[row]) / 2, 1) : 0.5;
      mark.setAttribute("fill", above && above[row] < 0 ? "#2b7bd6" : above ? "#d6402b" : "#2b7bd6");
      mark.setAttribute("fill-opacity", amount.toFixed(2));
    }));
  };

  // What is told of a row: the attributes that were tested, and the one in the colours.
  const told = () => [...new Set([...data.tested, colour.value])].filter((name) => name).map((name) => [name, data.attributes[name]]);

  const thumbnail = (row) => {
    const code = data.thumbnails[data.ids[row]];
    if (!code) return null;
    const picture = new Image();
    picture.src = "data:image/jpeg;base64," + code;
    picture.alt = data.ids[row];
    return picture;
  };

  const tell = (row, event) => {
    marks.forEach((of) => of.forEach((mark, other) => mark && mark.classList.toggle("at", other === row)));
    tip.hidden = row === null;
    if (row === null) return;
    tip.replaceChildren();
    const picture = thumbnail(row);
    if (picture) tip.append(picture);
    tip.append(data.ids[row]);
    for (const [name, values] of told()) {
      const line = document.createElement("div");
      line.textContent = name + ": " + (values[row] === null ? "–" : values[row].toFixed(2));
      tip.append(line);
    }
    tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
    tip.style.top = Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8) + "px";
  };

  const choose = (rows) => {
    selected = rows && rows.size ? rows : null;
    marks.forEach((of) => of.forEach((mark, row) => mark && mark.classList.toggle("out", !!selected && !selected.has(row))));
    side.hidden = !selected;
    // A page that shows this one in a frame may want to know.
    if (window.parent !== window) window.parent.postMessage({ selected: selected ? [...selected] : [] }, "*");
    if (!selected) return;
    side.replaceChildren();
    const words = document.createElement("p");
    words.textContent = selected.size + " of " + data.ids.length + " selected. " + told().map(([name, values]) => {
      const mean = (keep) => {
        const part = values.filter((value, row) => value !== null && selected.has(row) === keep);
        return part.length ? (part.reduce((sum, value) => sum + value, 0) / part.length).toFixed(2) : "–";
      };
      return name + ": mean " + mean(true) + ", others " + mean(false);
    }).join("; ");
    side.append(words);
    const pictures = [...selected].filter((row) => data.thumbnails[data.ids[row]]);
    pictures.slice(0, 60).forEach((row) => side.append(thumbnail(row)));
    if (pictures.length > 60) side.append(" and " + (pictures.length - 60) + " more");
  };

  // The nearest mark from a place in a direction; without a direction the nearest to the middle.
  const nearest = (number, from, [across, down]) => {
    let best = null;
    let least = Infinity;
    marks[number].forEach((mark, row) => {
      if (!mark || row === from) return;
      const [x, y] = place(number, row);
      const [fromX, fromY] = from === null ? [0, 0] : place(number, from);
      const along = (x - fromX) * across + (y - fromY) * down;
      const aside = Math.abs((x - fromX) * down) + Math.abs((y - fromY) * across);
      const far = from === null ? Math.hypot(x, y) : along > 0 ? along + 2 * aside : Infinity;
      if (far < least) [best, least] = [row, far];
    });
    return best;
  };

  // By keys: arrows go from mark to mark, the space bar selects one or takes it out, Escape clears.
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const byKeys = (map, number) => {
    let here = null;
    map.tabIndex = 0;
    map.addEventListener("keydown", (event) => {
      if (event.key in arrows) here = nearest(number, here, arrows[event.key]) ?? here;
      else if (event.key === " " && here !== null) {
        const rows = new Set(selected || []);
        if (!rows.delete(here)) rows.add(here);
        choose(rows);
      } else if (event.key === "Escape") choose(null);
      else return;
      event.preventDefault();
      if (here === null) return;
      const box = marks[number][here].getBoundingClientRect();
      tell(here, { clientX: box.right, clientY: box.bottom });
    });
    map.addEventListener("blur", (event) => tell(null, event));
  };

  maps.forEach((map, number) => {
    byKeys(map, number);
    let start = null;
    let box = null;
    const at = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
      return [point.x, point.y];
    };
    map.addEventListener("pointerdown", (event) => {
      start = at(event);
      map.setPointerCapture(event.pointerId);
    });
    map.addEventListener("pointermove", (event) => {
      if (!start) {
        const under = document.elementFromPoint(event.clientX, event.clientY);
        const row = under && under.dataset && under.dataset.row;
        tell(row === undefined || row === null ? null : Number(row), event);
        return;
      }
      tell(null, event);
      const here = at(event);
      if (!box) map.append((box = svg("rect")));
      box.setAttribute("x", Math.min(start[0], here[0]));
      box.setAttribute("y", Math.min(start[1], here[1]));
      box.setAttribute("width", Math.abs(start[0] - here[0]));
      box.setAttribute("height", Math.abs(start[1] - here[1]));
    });
    map.addEventListener("pointerup", (event) => {
      const here = at(event);
      const inside = ([x, y]) => (x - start[0]) * (x - here[0]) <= 0 && (y - start[1]) * (y - here[1]) <= 0;
      // A hand that trembles draws no frame.
      const drawn = box && (box.getBoundingClientRect().width > 4 || box.getBoundingClientRect().height > 4);
      if (drawn) {
        choose(new Set(data.ids.map((id, row) => row).filter((row) => marks[number][row] && inside(place(number, row)))));
      } else {
        if (box) box.style.display = "none";
        const under = document.elementFromPoint(event.clientX, event.clientY);
        const row = under && under.dataset && under.dataset.row;
        if (row === undefined || row === null) choose(null);
        else {
          // With Shift one more, or one less.
          const chosen = new Set(event.shiftKey && selected ? selected : []);
          if (!chosen.delete(Number(row))) chosen.add(Number(row));
          choose(chosen.size ? chosen : null);
        }
      }
      if (box) box.remove();
      start = box = null;
    });
    map.addEventListener("pointerleave", (event) => { if (!start) tell(null, event); });
  });

  document.getElementById("turning").hidden = !solid.some(Boolean);
  turn.addEventListener("input", draw);
  colour.addEventListener("change", () => { paint(); choose(selected); });
  if (Object.keys(data.attributes).length) colour.value = Object.keys(data.attributes)[0];
  draw();
  paint();
})();
