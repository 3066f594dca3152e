// A video frame by frame: tracks on a time line, a curve of a chosen measure; the browser's own decoder plays it, or its frames one by one.
(() => {
  const { el, address, ask, labelled, select, trackColour, plural } = window.mienFaces.parts;
  const LANE = 16, LEFT = 64, CURVE = 90;

  window.mienFaces.player = async (one, go) => {
    const it = { one, go, place: 0, playing: false, values: [] };
    it.back = el("button", { type: "button", "data-testid": "frame-back", click: () => step(it, -1) }, "Previous frame");
    it.on = el("button", { type: "button", "data-testid": "frame-on", click: () => step(it, 1) }, "Next frame");
    it.play = el("button", { type: "button", "data-testid": "play", click: () => play(it) }, "Play");
    it.range = el("input", { type: "range", min: 0, step: 1, "aria-label": "Frame", "data-testid": "frame-range", input: () => { stop(it); to(it, Number(it.range.value)); } });
    it.lanes = el("canvas", { role: "img", class: "lanes", "data-testid": "tracks", click: (event) => click(it, event) });
    it.curve = el("canvas", { role: "img", class: "curve", click: (event) => click(it, event) });
    it.measure = select([], { "data-testid": "measure", change: () => loadCurve(it) });
    it.words = el("p", { class: "note" });
    it.how = el("div", { class: "filters" });
    one.player.replaceChildren(el("div", { class: "filters" }, it.back, it.play, it.on, it.how), it.range, it.lanes, labelled("Curve of", it.measure), it.curve, it.words);
    one.stage.tabIndex = 0;
    one.stage.setAttribute("role", "group");
    one.stage.setAttribute("aria-label", "The video; arrow keys go from frame to frame");
    one.stage.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      if (by !== undefined) { event.preventDefault(); step(it, by); }
      if (event.key === " ") { event.preventDefault(); play(it); }
    });
    one.moved = (frame) => { it.place = nearest(it.line.frames, frame); it.range.value = it.place; cursor(it); };
    // While the browser plays: the frame that is seen.
    it.passed = (place) => { it.place = place; it.range.value = place; cursor(it); };
    one.chose = () => loadCurve(it);
    one.again = () => load(it);
    await load(it);
    new ResizeObserver(() => draw(it)).observe(one.player);
  };

  async function load(it) {
    it.line = await ask(address(it.one.study, "tracks", { source: it.one.source }));
    it.one.tracks = it.line.tracks.map((track) => track.track);
    if (!it.measure.options.length) it.measure.append(...["jawOpen", ...it.line.measures.filter((name) => name !== "jawOpen")].map((name) => el("option", { value: name }, name)));
    it.range.max = Math.max(0, it.line.frames.length - 1);
    const spans = it.line.tracks.map(({ track, spans: seen }) => `track ${track} in ${plural(seen.reduce((sum, [a, b]) => sum + b - a + 1, 0), "frame")}`);
    it.words.textContent = `${plural(it.line.frames.length, "frame")} looked at; ${spans.join(", ") || "no face"}. A click on the time line goes there; with the video focused, arrow keys step and the space bar plays.`;
    it.lanes.setAttribute("aria-label", `Time line: ${it.words.textContent}`);
    if (it.line.played && !it.film) {
      it.film = window.mienFaces.film(it);
      if (it.film) it.how.append(...it.film.controls);
    }
    it.film?.anew();
    await loadCurve(it);
  }

  async function loadCurve(it) {
    it.values = it.one.track < 0 ? [] : await ask(address(it.one.study, "curve", { source: it.one.source, measure: it.measure.value, track: it.one.track })).catch(() => []);
    draw(it);
  }

  // The place whose frame has this number, or the nearest one that was looked at.
  function nearest(frames, frame) {
    let low = 0, high = frames.length - 1;
    while (low < high) { const middle = (low + high) >> 1; if (frames[middle] < frame) low = middle + 1; else high = middle; }
    return low > 0 && frame - frames[low - 1] < frames[low] - frame ? low - 1 : Math.max(0, low);
  }

  const to = (it, place) => it.go(it.line.frames[Math.min(it.line.frames.length - 1, Math.max(0, place))]);
  const step = (it, by) => { stop(it); return to(it, it.place + by); };

  function stop(it) {
    it.playing = false;
    it.play.textContent = "Play";
    it.film?.stop();
  }

  async function play(it) {
    const was = it.playing;
    stop(it);
    if (was) return to(it, it.place);
    if (it.place >= it.line.frames.length - 1) await to(it, 0);
    it.playing = true;
    it.play.textContent = "Pause";
    // The frame on which it ends is asked for by its number, with its numbers.
    if (it.film && await it.film.play()) { if (it.playing) { stop(it); await to(it, it.place); } return; }
    if (it.playing) await playSlowly(it);
  }

  // Every frame that is shown is asked for by its number: what is slow is skipped, and never shown with another frame's points.
  async function playSlowly(it) {
    const from = it.line.times_s[it.place], began = performance.now();
    while (it.playing && it.one.holder.contains(it.play) && it.place < it.line.frames.length - 1) {
      const now = from + (performance.now() - began) / 1000;
      let next = it.place + 1;
      while (next < it.line.frames.length - 1 && it.line.times_s[next] < now) next++;
      const early = (it.line.times_s[next] - now) * 1000;
      if (early > 4) await new Promise((done) => setTimeout(done, early));
      if (!it.playing) return;
      await to(it, next);
    }
    stop(it);
  }

  function click(it, event) {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / Math.max(1, box.width - LEFT - 4);
    stop(it);
    to(it, Math.round(share * (it.line.frames.length - 1)));
  }

  function canvasOf(node, high) {
    const ratio = window.devicePixelRatio || 1, wide = node.parentElement.clientWidth;
    node.width = wide * ratio; node.height = high * ratio;
    node.style.width = `${wide}px`; node.style.height = `${high}px`;
    const pen = node.getContext("2d");
    pen.scale(ratio, ratio);
    return [pen, wide];
  }

  function draw(it) {
    if (!it.line || !it.one.player.clientWidth) return;
    const style = getComputedStyle(document.documentElement), ink = style.getPropertyValue("--ink"), soft = style.getPropertyValue("--soft"), rule = style.getPropertyValue("--rule");
    const last = Math.max(1, it.line.frames.length - 1);
    const lanes = [...it.line.tracks.map(({ track, spans }) => [`track ${track}`, spans, trackColour(track)]),
      ...[["no face", it.line.without, soft], ["excluded", it.line.excluded, soft], ["marked", it.line.marked, ink]].filter(([, spans]) => spans.length)];
    let [pen, wide] = canvasOf(it.lanes, lanes.length * LANE + 4);
    const x = (place) => LEFT + (place / last) * (wide - LEFT - 4);
    pen.font = "12px system-ui, sans-serif";
    lanes.forEach(([name, spans, colour], row) => {
      pen.fillStyle = ink; pen.fillText(name, 0, row * LANE + 12);
      pen.fillStyle = rule; pen.fillRect(LEFT, row * LANE + 4, wide - LEFT - 4, 8);
      pen.fillStyle = colour;
      for (const [a, b] of spans) pen.fillRect(x(a), row * LANE + 3, Math.max(2, x(b) - x(a)), 10);
    });
    it.still = [[it.lanes, copy(it.lanes)]];

    [pen, wide] = canvasOf(it.curve, CURVE);
    let low = Infinity, high = -Infinity;
    for (const value of it.values) if (value !== null) { low = Math.min(low, value); high = Math.max(high, value); }
    pen.font = "12px system-ui, sans-serif"; pen.fillStyle = soft;
    if (high < low) { pen.fillText("no values", LEFT, 20); it.curve.setAttribute("aria-label", "No values of this measure."); cursor(it); return; }
    const y = (value) => CURVE - 8 - ((value - low) / (high - low || 1)) * (CURVE - 20);
    pen.fillText(high.toPrecision(3), 0, 14); pen.fillText(low.toPrecision(3), 0, CURVE - 6);
    pen.strokeStyle = trackColour(it.one.track); pen.lineWidth = 1.5; pen.beginPath();
    let drawing = false;
    it.values.forEach((value, place) => {
      if (value === null) { drawing = false; return; }
      if (drawing) pen.lineTo(x(place), y(value)); else pen.moveTo(x(place), y(value));
      drawing = true;
    });
    pen.stroke();
    it.still.push([it.curve, copy(it.curve)]);
    it.extent = `from ${low.toPrecision(3)} to ${high.toPrecision(3)}`;
    cursor(it);
  }

  function copy(node) {
    const made = document.createElement("canvas");
    made.width = node.width; made.height = node.height;
    if (node.width && node.height) made.getContext("2d").drawImage(node, 0, 0);
    return made;
  }

  // Where one is, over what stays the same.
  function cursor(it) {
    const ratio = window.devicePixelRatio || 1, last = Math.max(1, (it.line?.frames.length || 0) - 1);
    const ink = getComputedStyle(document.documentElement).getPropertyValue("--ink");
    for (const [node, still] of it.still || []) {
      const pen = node.getContext("2d"), wide = node.width / ratio;
      if (!node.width || !node.height) continue;
      pen.save(); pen.setTransform(1, 0, 0, 1, 0, 0); pen.clearRect(0, 0, node.width, node.height); pen.drawImage(still, 0, 0); pen.restore();
      pen.fillStyle = ink; pen.fillRect(LEFT + (it.place / last) * (wide - LEFT - 4) - 1, 0, 2, node.height / ratio);
    }
    if ((it.still || []).length < 2 || it.playing) return;
    const here = it.values[it.place];
    it.curve.setAttribute("aria-label", `${it.measure.value} of track ${it.one.track}: ${it.extent}; here ${here === null || here === undefined ? "not known" : here}`);
  }
})();
