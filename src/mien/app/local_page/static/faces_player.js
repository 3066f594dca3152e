// A video frame by frame: tracks on a time line, a curve of a chosen measure, and playing in real time where that is quick enough.
(() => {
  const { el, address, ask, labelled, select, trackColour, plural } = window.mienFaces.parts;
  const LANE = 16, LEFT = 64, CURVE = 90;

  window.mienFaces.player = async (one, go) => {
    const it = { one, go, place: 0, playing: false, values: [] };
    it.back = el("button", { type: "button", "data-testid": "frame-back", click: () => step(it, -1) }, "Previous frame");
    it.on = el("button", { type: "button", "data-testid": "frame-on", click: () => step(it, 1) }, "Next frame");
    it.play = el("button", { type: "button", "data-testid": "play", click: () => play(it) }, "Play");
    it.range = el("input", { type: "range", min: 0, step: 1, "aria-label": "Frame", "data-testid": "frame-range", input: () => to(it, Number(it.range.value)) });
    it.lanes = el("canvas", { role: "img", class: "lanes", "data-testid": "tracks", click: (event) => click(it, event) });
    it.curve = el("canvas", { role: "img", class: "curve", click: (event) => click(it, event) });
    it.measure = select([], { "data-testid": "measure", change: () => loadCurve(it) });
    it.words = el("p", { class: "note" });
    it.sound = el("div");
    one.player.replaceChildren(el("div", { class: "filters" }, it.back, it.play, it.on), it.range, it.lanes, labelled("Curve of", it.measure), it.curve, it.words, it.sound);
    one.stage.tabIndex = 0;
    one.stage.setAttribute("role", "group");
    one.stage.setAttribute("aria-label", "The video; arrow keys go from frame to frame");
    one.stage.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      if (by !== undefined) { event.preventDefault(); step(it, by); }
      if (event.key === " ") { event.preventDefault(); play(it); }
    });
    one.moved = (frame) => { it.place = nearest(it.line.frames, frame); it.range.value = it.place; draw(it); };
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
      // Browsers say seconds, not numbers of frames: the film is for the ear, and where it stops the frame of that time is shown.
      it.film = el("video", { controls: true, preload: "none", src: address(it.one.study, "video", { source: it.one.source }), pause: () => to(it, placeAt(it.line.times_s, it.film.currentTime)) });
      it.sound.append(el("details", {}, el("summary", {}, "The film itself, with its sound"), it.film));
    }
    await loadCurve(it);
  }

  const placeAt = (times, time) => Math.max(0, times.findLastIndex((one) => one <= time + 0.0005));

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
  const step = (it, by) => { it.playing = false; it.play.textContent = "Play"; return to(it, it.place + by); };

  // Every frame that is shown is asked for by its number: what is slow is skipped, and never shown with another frame's points.
  async function play(it) {
    it.playing = !it.playing;
    it.play.textContent = it.playing ? "Pause" : "Play";
    if (!it.playing) return;
    if (it.place >= it.line.frames.length - 1) await to(it, 0);
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
    it.playing = false;
    it.play.textContent = "Play";
  }

  function click(it, event) {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / Math.max(1, box.width - LEFT - 4);
    it.playing = false;
    it.play.textContent = "Play";
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
    pen.fillStyle = ink; pen.fillRect(x(it.place) - 1, 0, 2, lanes.length * LANE + 4);

    [pen, wide] = canvasOf(it.curve, CURVE);
    const known = it.values.filter((value) => value !== null);
    pen.font = "12px system-ui, sans-serif"; pen.fillStyle = soft;
    if (!known.length) { pen.fillText("no values", LEFT, 20); it.curve.setAttribute("aria-label", "No values of this measure."); return; }
    const low = Math.min(...known.length > 50000 ? [Math.min.apply(null, known.slice(0, 50000))] : known), high = Math.max(...known.length > 50000 ? known.slice(0, 50000) : known);
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
    pen.fillStyle = ink; pen.fillRect(x(it.place) - 1, 0, 2, CURVE);
    const here = it.values[it.place];
    it.curve.setAttribute("aria-label", `${it.measure.value} of track ${it.one.track}: from ${low.toPrecision(3)} to ${high.toPrecision(3)}; here ${here === null || here === undefined ? "not known" : here}`);
  }
})();
