// Cover it yourself and move it yourself: a canvas, a brush, points that are dragged, and the model's answer as one goes.
(() => {
  const times = (window.mienTimes = window.mienTimes || { cover: [], move: [], camera: [] });
  const make = (name, given = {}, ...inside) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(given)) {
      if (key === "text") element.textContent = value;
      else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== false && value !== null) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...inside);
    return element;
  };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const words = (value, share) => (value === null ? "no answer" : share ? `${(100 * value).toFixed(1)} %` : value.toFixed(2));
  const picture = (address) =>
    new Promise((done) => {
      if (!address) return done(null);
      const image = new Image();
      image.onload = () => done(image);
      image.onerror = () => done(null);
      image.src = address;
    });

  // One question at a time; of those that came meanwhile the last. Times run from the first event that it answers.
  class Questions {
    constructor(config, refusal) { Object.assign(this, { config, refusal, busy: false, next: null }); }
    async now(kind, more = {}) {
      const { address, model, row, target } = this.config;
      const answer = await fetch(`${address}${kind}`, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ model, row, target, ...more }),
      });
      const found = await answer.json().catch(() => ({ error: "The page's server gave no answer; is it still running?" }));
      if (!answer.ok) throw new Error(found.error || "The page's server refused this.");
      return found;
    }
    ask(kind, more, then, list) {
      const since = this.next ? this.next.since : performance.now();
      this.next = { kind, more, then, list, since };
      if (!this.busy) this.run();
    }
    async run() {
      this.busy = true;
      while (this.next) {
        const { kind, more, then, list, since } = this.next;
        this.next = null;
        try {
          await then(await this.now(kind, typeof more === "function" ? more() : more));
          this.refusal.textContent = "";
          if (list) list.push(performance.now() - since);
        } catch (error) {
          this.refusal.textContent = error.message;
        }
      }
      this.busy = false;
    }
  }

  class Answers {
    constructor(title, share, testid) {
      this.share = share;
      this.list = make("ul", { class: "answers", "data-testid": testid });
      this.said = make("p", { role: "status", class: "note" });
      this.element = make("div", {}, make("h3", { text: title }), this.list, this.said);
      this.before = null;
    }
    show(found) {
      const values = Object.entries(found.answers);
      if (!this.before) this.before = found;
      const most = this.share ? 1 : Math.max(...values.map(([name, v]) => Math.max(Math.abs(v || 0), Math.abs(this.before.answers[name] || 0))), 1e-9);
      this.list.replaceChildren(...values.map(([name, value]) => {
        const before = this.before.answers[name];
        const bar = make("span", { class: "bar", "aria-hidden": "true" }, make("i"), make("b"));
        bar.children[0].style.width = `${(100 * Math.abs(value || 0)) / most}%`;
        bar.children[1].style.left = `${(100 * Math.abs(before || 0)) / most}%`;
        const chosen = name === found.chosen;
        return make("li", {}, make("span", { class: chosen ? "name chosen" : "name", text: chosen ? `▸ ${name}` : name }), bar,
          make("span", { class: "value", text: `${words(value, this.share)} (was ${words(before, this.share)})` }));
      }));
      const top = found.chosen || values.map(([name, v]) => `${name} ${words(v, false)}`).join(", ");
      this.said.textContent = found.chosen === this.before.chosen ? `Still: ${top}.` : `Now: ${top}; before: ${this.before.chosen}.`;
    }
  }

  const frame = (holder, config, label, keys, controls, answers, extra = []) => {
    const canvas = make("canvas", { width: 480, height: 480, tabindex: "0", role: "application", "aria-label": label, "data-testid": `${config.kind}-canvas` });
    const refusal = make("p", { class: "refusal", role: "alert" });
    const how = make("p", { class: "keys", text: keys, id: `${holder.id}-keys` });
    canvas.setAttribute("aria-describedby", how.id);
    holder.replaceChildren(make("div", { class: "asked" },
      make("div", {}, canvas, make("div", { class: "controls" }, ...controls), how, refusal), make("div", {}, answers.element, ...extra)));
    return { canvas, refusal, pen: canvas.getContext("2d") };
  };
  const place = (canvas, event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const dots = (pen, side, points, radius, style) => {
    pen.fillStyle = style;
    for (const [x, y] of points) { pen.beginPath(); pen.arc(x * side, y * side, radius, 0, 7); pen.fill(); }
  };
  const ground = (pen, side, image, points) => {
    pen.fillStyle = colour("--band"); pen.fillRect(0, 0, side, side);
    if (image) pen.drawImage(image, 0, 0, side, side);
    else dots(pen, side, points, 2, colour("--soft"));
  };
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  async function cover(id, config) {
    const holder = document.getElementById(id);
    config.kind = "cover";
    const answers = new Answers(config.title, config.share, "cover-answers");
    const size = make("input", { type: "range", min: "2", max: "30", value: "9", "data-testid": "brush-size" });
    const fill = make("select", { "data-testid": "fill" }, ...config.fills.map(([name, text]) => make("option", { value: name, text })));
    const undo = make("button", { type: "button", text: "Undo", "data-testid": "undo" });
    const clear = make("button", { type: "button", text: "Clear", "data-testid": "clear" });
    const controls = [make("label", { text: "Brush " }, size)];
    if (config.fills.length) controls.push(make("label", { text: "Covered with " }, fill));
    const share = make("p", { class: "note", "data-testid": "cover-share" });
    const { canvas, refusal, pen } = frame(holder, config, "Face to be covered with a brush",
      "Paint with the mouse or a finger. Keys: arrows move the brush (with Shift farther), space paints, + and − change its size, U takes the last stroke back, C clears.",
      [...controls, undo, clear], answers, [share]);
    const side = canvas.width, questions = new Questions(config, refusal);
    let strokes = [], brush = [0.5, 0.5], painting = false, base = null, shown = null, points = [], under = [];
    const radius = () => Number(size.value) / 200;
    const draw = () => {
      ground(pen, side, shown || base, points);
      if (base && !config.pixels) { pen.fillStyle = colour("--paper"); pen.globalAlpha = 0.55;
        for (const [x, y, r] of strokes.flat()) { pen.beginPath(); pen.arc(x * side, y * side, r * side, 0, 7); pen.fill(); } pen.globalAlpha = 1; }
      if (!config.pixels && under.length) dots(pen, side, under.map((i) => points[i]), 3, colour("--warn"));
      pen.lineWidth = 3; pen.strokeStyle = "#fff"; pen.beginPath(); pen.arc(brush[0] * side, brush[1] * side, radius() * side, 0, 7); pen.stroke();
      pen.lineWidth = 1.5; pen.strokeStyle = "#000"; pen.stroke();
    };
    const ask = () => {
      undo.disabled = clear.disabled = !strokes.length;
      draw();
      questions.ask("cover", () => ({ stamps: strokes.flat().map((s) => s.map((v) => Math.round(v * 1e4) / 1e4)), fill: fill.value || "mean" }), async (found) => {
        if (found.picture) shown = await picture(found.picture);
        under = found.under || [];
        answers.show(found);
        share.textContent = `Covered: ${(100 * found.share).toFixed(1)} % of ${config.pixels ? "the picture" : "what the model looks at"}.`;
        draw();
      }, times.cover);
    };
    const stamp = () => { strokes[strokes.length - 1].push([...brush, radius()]); };
    const paint = () => {
      const stroke = strokes[strokes.length - 1], last = stroke[stroke.length - 1];
      if (strokes.flat().length > 4500) { refusal.textContent = "So much paint is enough; undo or clear some."; return; }
      if (last && Math.hypot(last[0] - brush[0], last[1] - brush[1]) < radius() / 3) return draw();
      stamp(); ask();
    };
    canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); brush = place(canvas, event); painting = true; strokes.push([]); paint(); });
    canvas.addEventListener("pointermove", (event) => { brush = place(canvas, event); if (painting) paint(); else draw(); });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { painting = false; });
    const back = () => { strokes.pop(); ask(); };
    const none = () => { strokes = []; ask(); };
    undo.addEventListener("click", back); clear.addEventListener("click", none);
    size.addEventListener("input", draw); fill.addEventListener("change", ask);
    canvas.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (arrow) { const step = event.shiftKey ? 0.1 : 0.02; brush = brush.map((v, i) => Math.min(1, Math.max(0, v + step * arrow[i]))); draw(); }
      else if (event.key === " ") { strokes.push([]); paint(); }
      else if (event.key === "+" || event.key === "-") { size.value = Number(size.value) + (event.key === "+" ? 1 : -1); draw(); }
      else if (event.key.toLowerCase() === "u" && strokes.length) back();
      else if (event.key.toLowerCase() === "c" && strokes.length) none();
      else return;
      event.preventDefault();
    });
    try {
      const stage = await questions.now("stage");
      base = await picture(stage.picture); points = stage.points;
      answers.show(stage);
      undo.disabled = clear.disabled = true;
      draw();
      holder.dataset.ready = "yes";
    } catch (error) { refusal.textContent = error.message; }
  }

  async function move(id, config) {
    const holder = document.getElementById(id);
    config.kind = "move";
    const answers = new Answers(config.title, config.share, "move-answers");
    const which = make("input", { type: "number", min: "0", value: "0", "data-testid": "point" });
    const reset = make("button", { type: "button", text: "Put everything back", "data-testid": "reset" });
    const nearest = make("button", { type: "button", text: "Nearest change that flips it", "data-testid": "nearest" });
    const sliders = make("div", { class: "sliders" }), flips = make("div", { role: "status", "data-testid": "flips" });
    const other = make("select", { "data-testid": "more-features" });
    const more = make("div", {}, make("h3", { text: "Measures" }), sliders, make("label", { text: "One more: " }, other));
    more.hidden = true;
    const { canvas, refusal, pen } = frame(holder, config, "Face whose points can be dragged",
      "Drag a point. Keys: arrows move the chosen point (with Shift farther), . and , choose the next and the one before, R puts everything back.",
      [make("label", { text: "Point " }, which), reset, nearest], answers, [more, flips]);
    const side = canvas.width, questions = new Questions(config, refusal);
    let base = null, points = [], unit = 1, moved = {}, set = {}, chosen = 0, dragging = false, features = [];
    const at = (i) => { const shift = moved[i] || [0, 0]; return [points[i][0] + shift[0] * unit, points[i][1] + shift[1] * unit]; };
    const draw = () => {
      ground(pen, side, base, points);
      dots(pen, side, points.map((_, i) => at(i)), 1.6, base ? "rgba(255,255,255,.85)" : colour("--ink"));
      pen.strokeStyle = colour("--warn"); pen.lineWidth = 2;
      for (const i of Object.keys(moved)) { const [x, y] = at(i); pen.beginPath(); pen.moveTo(points[i][0] * side, points[i][1] * side); pen.lineTo(x * side, y * side); pen.stroke(); }
      if (points.length) { const [x, y] = at(chosen); pen.lineWidth = 4; pen.strokeStyle = "#fff"; pen.beginPath(); pen.arc(x * side, y * side, 6, 0, 7); pen.stroke(); pen.lineWidth = 2; pen.strokeStyle = "#000"; pen.stroke(); }
    };
    const asked = () => ({ points: Object.fromEntries(Object.entries(moved).filter(([, s]) => s[0] || s[1])), features: set });
    const ask = () => { flips.replaceChildren(); draw(); questions.ask("move", asked, (found) => { answers.show(found); follow(found.features); }, times.move); };
    const follow = (found) => {
      for (const label of sliders.children) {
        const [, slider, shown] = label.children, value = (found || {})[slider.dataset.name];
        if (value === undefined || value === null) continue;
        if (!(slider.dataset.name in set)) slider.value = value;
        shown.textContent = Number(value).toPrecision(3);
      }
    };
    const slide = (feature) => {
      const slider = make("input", { type: "range", min: feature.low, max: feature.high, step: (feature.high - feature.low) / 200, "data-name": feature.name });
      slider.value = feature.value;
      slider.addEventListener("input", () => { set[feature.name] = Number(slider.value); ask(); });
      sliders.append(make("label", {}, make("span", { text: feature.words }), slider, make("output", { text: Number(feature.value).toPrecision(3) })));
    };
    const choose = (i) => { chosen = Math.min(points.length - 1, Math.max(0, Math.round(i) || 0)); which.value = chosen; draw(); };
    const shift = (x, y) => { const s = moved[chosen] || [0, 0]; moved[chosen] = [s[0] + x, s[1] + y].map((v) => Math.round(Math.min(2, Math.max(-2, v)) * 1e4) / 1e4); ask(); };
    which.addEventListener("input", () => choose(Number(which.value)));
    canvas.addEventListener("pointerdown", (event) => {
      const [x, y] = place(canvas, event);
      let best = 0, least = Infinity;
      points.forEach((_, i) => { const [a, b] = at(i), d = Math.hypot(a - x, b - y); if (d < least) { least = d; best = i; } });
      if (least > 0.06) return;
      choose(best); canvas.setPointerCapture(event.pointerId); dragging = true;
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!dragging) return;
      const [x, y] = place(canvas, event), [a, b] = at(chosen);
      shift((x - a) / unit, (y - b) / unit);
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { dragging = false; });
    const back = () => { moved = {}; set = {}; ask(); };
    reset.addEventListener("click", back);
    canvas.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key], step = event.shiftKey ? 0.05 : 0.01;
      if (arrow) shift(arrow[0] * step, arrow[1] * step);
      else if (event.key === "." || event.key === ",") choose(chosen + (event.key === "." ? 1 : -1));
      else if (event.key.toLowerCase() === "r") back();
      else return;
      event.preventDefault();
    });
    const sentence = (title, found, none) => {
      const box = make("div", {}, make("h3", { text: title }));
      if (!found) { box.append(make("p", { text: none })); return box; }
      box.append(make("p", { text: `Becomes '${found.becomes}' with a change of ${found.size_sd.toFixed(2)} standard deviations:` }),
        make("ul", {}, ...found.changes.map((c) => make("li", { text: `${c.words}: from ${c.from} to ${c.to}${c.unit ? ` ${c.unit}` : ""} (${c.size_sd.toFixed(2)} SD)` }))));
      if (found.more) box.append(make("p", { class: "note", text: `and ${found.more} smaller changes` }));
      return box;
    };
    nearest.addEventListener("click", () => {
      nearest.disabled = true;
      flips.replaceChildren(make("p", { class: "note", text: "Looking ..." }));
      questions.ask("nearest", asked, (found) => {
        nearest.disabled = false;
        const none = `None within the range seen in the data (${found.seen} faces).`;
        flips.replaceChildren(sentence(`One ${config.points ? "point in one direction" : "measure"} alone (${found.tried} tried)`, found.one, none),
          sentence("Everything at once, along the slope of the answer", found.all, found.slope ? none : "This model has no slope: it has no gradients."),
          make("p", { class: "note", text: `It says '${found.now}' now. Each change was verified by asking the model; sizes are standard deviations over ${found.seen} faces of this study; an eye distance is that between the middles of the two eyes. A change of numbers need not be one that a face can make.` }));
      });
    });
    try {
      const stage = await questions.now("stage");
      base = await picture(stage.picture); points = stage.points; unit = stage.unit;
      answers.show(stage);
      which.max = points.length - 1;
      choose(config.start || 0);
      if (!config.points) {
        features = (await questions.now("measures")).measures;
        more.hidden = false;
        features.slice(0, 6).forEach(slide);
        other.append(make("option", { value: "", text: "choose a measure" }), ...features.slice(6).map((f) => make("option", { value: f.name, text: f.words })));
        other.addEventListener("change", () => { const f = features.find((one) => one.name === other.value); if (f) { slide(f); other.selectedOptions[0].remove(); } });
      }
      holder.dataset.ready = "yes";
    } catch (error) { refusal.textContent = error.message; }
  }
  window.mienWhy = { cover, move, make };
})();
