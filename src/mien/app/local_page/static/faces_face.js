// One face closely: its picture with what was measured drawn over it, the numbers with their units, and its review.
(() => {
  const { el, address, ask, labelled, select, trackColour } = window.mienFaces.parts;
  const LAYERS = [["mesh", "Mesh", true], ["points", "Points", false], ["box", "Box", true], ["iris", "Irises", true]];
  const switches = Object.fromEntries(LAYERS.map(([name, , on]) => [name, on]));
  const meshes = new Map();
  let turn = 0, look = null;

  window.mienFaces.openFace = async (holder, study, tile, changed) => {
    const one = { holder, study, source: tile.source, track: tile.track, frame: tile.frame, changed, video: tile.video };
    one.title = el("h3", { tabindex: "-1" });
    one.said = el("p", { class: "note", role: "status" });
    one.picture = el("img", { alt: "" });
    one.canvas = el("canvas", { role: "img", "data-testid": "overlay" });
    one.stage = el("div", { class: "stage" }, one.picture, one.canvas);
    one.layers = el("div", { class: "filters" }, ...LAYERS.map(([name, title]) => {
      const box = el("input", { type: "checkbox", "data-testid": `layer-${name}`, change: (event) => { switches[name] = event.target.checked; paint(one); } });
      box.checked = switches[name];
      return el("label", { class: "tick" }, box, ` ${title}`);
    }));
    one.numbers = el("div", { class: "numbers", "data-testid": "numbers" });
    one.player = el("div", { class: "player" });
    one.decide = el("div", { class: "decide" });
    holder.replaceChildren(el("section", { class: "one-face", "aria-label": "One face" }, one.title,
      el("div", { class: "face-parts" }, el("div", { class: "seen" }, one.layers, one.stage, one.said, one.player), one.numbers), one.decide));
    new ResizeObserver(() => paint(one)).observe(one.stage);
    look = async () => { await one.again?.(); await show(one, one.frame); };
    if (tile.video) await window.mienFaces.player(one, (frame) => show(one, frame)).catch((error) => { one.said.textContent = error.message; });
    await show(one, tile.frame);
    one.title.focus({ preventScroll: true });
    holder.scrollIntoView({ block: "start", behavior: "auto" });
  };

  // Picture and points of one frame change together: neither is ever beside the other's.
  async function show(one, frame) {
    const mine = ++turn;
    const next = new Image();
    const wanted = address(one.study, "frame", { source: one.source, n: frame });
    // Where one frame could be shown, the next can: it is asked for together with its points.
    if (one.seen) next.src = wanted;
    let data;
    try {
      data = await ask(address(one.study, "face", { source: one.source, frame }));
      if (!meshes.has(data.topology)) meshes.set(data.topology, await ask(address(one.study, "mesh", { topology: data.topology })));
    } catch (error) {
      if (mine === turn) one.said.textContent = error.message;
      return;
    }
    const shows = data.file && data.status !== "unreadable";
    if (shows && !one.seen) next.src = wanted;
    const seen = shows && await next.decode().then(() => true, () => false);
    if (mine !== turn) return;
    one.frame = frame; one.data = data; one.seen = seen;
    if (seen) { one.picture.replaceWith(next); one.picture = next; }
    one.picture.alt = data.faces.length ? "" : `${one.source}: ${data.status}`;
    one.stage.hidden = !seen;
    one.stage.dataset.frame = frame;
    const where = one.video ? `, frame ${frame} at ${data.time_s === null ? "?" : data.time_s.toFixed(3)} s` : "";
    one.title.textContent = `${one.source}${where}`;
    const why = data.faces.length ? "" : `${data.status}${data.reason ? `: ${data.reason.replace(/\.$/, "")}` : ""}. `;
    one.said.textContent = why + (seen ? "" : "The picture itself cannot be shown: it is not where the study was made from, or cannot be read. Choose its folder above.");
    if (!data.faces.some((face) => face.track === one.track) && data.faces.length) one.track = data.faces[0].track;
    paint(one); tell(one); decide(one);
    one.moved?.(frame);
  }

  // The canvas over the picture, empty; its pen, and pixels of the screen per pixel of the picture.
  function canvasOver(one) {
    const ratio = window.devicePixelRatio || 1, wide = one.picture.clientWidth, high = one.picture.clientHeight;
    const size = [Math.round(wide * ratio), Math.round(high * ratio)];
    if (one.canvas.width !== size[0] || one.canvas.height !== size[1]) [one.canvas.width, one.canvas.height] = size;
    one.canvas.style.width = `${wide}px`; one.canvas.style.height = `${high}px`;
    const pen = one.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, wide, high);
    return { pen, wide, high, scale: wide / (one.data.width || one.picture.naturalWidth) };
  }

  const drawFaces = (one, pen, faces, scale) => {
    for (const face of faces) drawFace(pen, face, scale, meshes.get(one.data.topology) || [], face.track === one.track);
  };

  // A frame of the film that plays, with the faces of this very frame; paler: those of the last frame that was looked at.
  window.mienFaces.paintFilm = (one, video, faces, paler) => {
    if (!one.data || !one.picture.clientWidth) return;
    const { pen, wide, high, scale } = canvasOver(one);
    pen.drawImage(video, 0, 0, wide, high);
    pen.globalAlpha = paler ? 0.45 : 1;
    drawFaces(one, pen, faces, scale);
    pen.globalAlpha = 1;
  };

  function paint(one) {
    if (!one.data || !one.seen || !one.picture.clientWidth) return;
    if (one.playing) return;
    const { pen, scale } = canvasOver(one);
    drawFaces(one, pen, one.data.faces, scale);
    one.canvas.setAttribute("aria-label", one.data.faces.length
      ? `Drawn over the picture: ${one.data.faces.map((face) => `face of track ${face.track}${face.status === "ok" ? "" : ", excluded"}`).join("; ")}`
      : "Nothing is drawn over the picture.");
  }

  const known = (value) => value !== null && Number.isFinite(value);

  function drawFace(pen, face, scale, edges, chosen) {
    const at = (n) => [face.points[2 * n] * scale, face.points[2 * n + 1] * scale];
    const there = face.points.length && known(face.points[0]), solid = pen.globalAlpha;
    pen.strokeStyle = trackColour(face.track); pen.fillStyle = pen.strokeStyle;
    pen.setLineDash(face.status === "ok" ? [] : [6, 5]);
    if (switches.mesh && there) {
      pen.globalAlpha = 0.75 * solid; pen.lineWidth = 0.6; pen.strokeStyle = "#ffffff"; pen.beginPath();
      for (const [a, b] of edges) { pen.moveTo(...at(a)); pen.lineTo(...at(b)); }
      pen.stroke(); pen.globalAlpha = solid; pen.strokeStyle = trackColour(face.track);
    }
    if (switches.points && there) {
      for (let n = 0; n < face.points.length / 2; n++) {
        pen.beginPath(); pen.arc(...at(n), 1.6, 0, 7); pen.fillStyle = "#ffffff"; pen.fill();
        pen.beginPath(); pen.arc(...at(n), 1, 0, 7); pen.fillStyle = trackColour(face.track); pen.fill();
      }
    }
    if (switches.iris) for (let side = 0; side < 2; side++) {
      const [x, y] = [face.iris[2 * side], face.iris[2 * side + 1]];
      if (!known(x)) continue;
      pen.lineWidth = 1.5; pen.beginPath(); pen.arc(x * scale, y * scale, 4, 0, 7); pen.stroke();
    }
    if (switches.box && known(face.box[0])) {
      const [x, y, w, h] = Array.from(face.box, (value) => value * scale);
      pen.lineWidth = chosen ? 3 : 1.5; pen.strokeRect(x, y, w, h);
      pen.font = "600 13px system-ui, sans-serif";
      const words = `${face.track}${face.status === "ok" ? "" : " excluded"}`, wide = pen.measureText(words).width + 8;
      pen.fillRect(x, Math.max(0, y - 18), wide, 18);
      pen.fillStyle = "#ffffff"; pen.fillText(words, x + 4, Math.max(0, y - 18) + 13);
    }
  }

  function tell(one) {
    const { faces } = one.data, face = faces.find((some) => some.track === one.track);
    const several = faces.length > 1 ? el("div", { class: "filters", role: "group", "aria-label": "Faces of this frame" }, ...faces.map((some) =>
      el("button", { type: "button", class: "small", "aria-pressed": String(some.track === one.track), click: () => { one.track = some.track; paint(one); tell(one); decide(one); one.chose?.(); } }, `Face ${some.track}`))) : null;
    if (!face) { one.numbers.replaceChildren(...[several].filter(Boolean)); return; }
    const rows = face.measures.concat(face.extra.map(([name, value]) => [name, value, ""]));
    const bars = face.blendshapes.filter(([name]) => !name.startsWith("_"));
    const all = one.allBars ? bars : bars.slice(0, 10);
    one.numbers.replaceChildren(...[several,
      el("p", { class: "note" }, face.status === "ok" ? "" : `${face.reason}. These numbers count no more.`),
      el("p", { class: "note" }, `Remarks: ${face.quality || "none"}`),
      el("table", {}, el("caption", {}, "Measures"), el("tbody", {}, ...rows.map(([name, value, unit]) =>
        el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, `${value}${unit === "°" ? "°" : unit ? ` ${unit}` : ""}`))))),
      bars.length ? el("table", { class: "bars" }, el("caption", {}, "Blendshapes (0 to 1)"), el("tbody", {}, ...all.map(([name, value]) => {
        const bar = el("span", { class: "bar" });
        bar.style.width = `${Math.round(100 * Math.min(1, value))}%`;
        return el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, el("span", { class: "bar-ground" }, bar)), el("td", {}, value.toFixed(2)));
      }))) : null,
      bars.length > 10 ? el("button", { type: "button", class: "small", click: () => { one.allBars = !one.allBars; tell(one); } }, one.allBars ? "Show the strongest" : `Show all ${bars.length}`) : null,
    ].filter(Boolean));
  }

  function decide(one) {
    const note = el("input", { type: "text", maxlength: "500", "data-testid": "note" });
    note.value = one.note || "";
    note.addEventListener("input", () => { one.note = note.value; });
    const face = one.data.faces.find((some) => some.track === one.track);
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const frames = one.video ? select([["", "all frames"], [String(one.frame), `frame ${one.frame} only`], [`${one.frame}..`, `from frame ${one.frame} on`], [`..${one.frame}`, `up to frame ${one.frame}`]], { "data-testid": "frames" }) : null;
    const others = (one.tracks || []).filter((track) => track !== one.track).map((track) => [String(track), `track ${track}`]);
    const other = others.length ? select(others, { "data-testid": "other" }) : null;
    const add = async (action, more = {}) => {
      const decision = { source: one.source, action, frames: frames ? frames.value : "", track: null, other: null, note: note.value, ...more };
      let refusal = "";
      try {
        await ask(address(one.study, "review"), { do: "add", decision, numbering: one.data.numbering });
        one.note = "";
      } catch (error) { refusal = error.message; }
      // Also after a refusal: somebody else may have changed what these numbers mean.
      await look();
      say(one.decide, refusal);
      if (refusal) one.decide.querySelector(".problem").scrollIntoView({ block: "nearest" });
      // The buttons were made anew; who decides by keys goes on from here.
      (one.decide.querySelector(`[data-testid="do-${action}"]`) || one.decide.querySelector("input")).focus({ preventScroll: true });
      one.changed();
    };
    const button = (text, action, more) => el("button", { type: "button", "data-testid": `do-${action}`, click: () => add(action, more?.()) }, text);
    one.decide.replaceChildren(...[
      el("h4", {}, "Review"),
      el("p", { class: "note" }, "Kept in review.csv, obeyed by every later step, counted in the report. Nothing that was extracted is changed."),
      el("div", { class: "filters" }, ...[
        frames && labelled("In", frames), labelled("Note", note),
        face && face.status === "ok" ? button("Exclude this face", "exclude", () => ({ track: one.track })) : null,
        one.video ? button("Mark this frame", "mark", () => ({ frames: String(one.frame) })) : null,
      ].filter(Boolean)),
      other && face ? el("div", { class: "filters" }, labelled(`Track ${one.track} and`, other),
        button("Swap the two", "swap", () => ({ track: one.track, other: Number(other.value) })),
        button(`Merge track ${one.track} into it`, "merge", () => ({ track: one.track, other: Number(other.value) }))) : null,
      problem,
    ].filter(Boolean));
  }

  function say(holder, sentence) {
    const problem = holder.querySelector(".problem");
    problem.textContent = sentence; problem.hidden = !sentence;
  }

  // All decisions of the study; each can be taken back.
  window.mienFaces.reviewList = (holder, rows, study, changed) => {
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    if (!rows.length) { holder.replaceChildren(problem); return; }
    const undo = async (decision, place) => {
      let refusal = "";
      try { await ask(address(study, "review"), { do: "undo", decision }); } catch (error) { refusal = error.message; }
      await look?.();
      await changed();
      say(holder, refusal);
      const left = holder.querySelectorAll("button");
      left[Math.min(place, left.length - 1)]?.focus({ preventScroll: true });
    };
    const words = (one) => [one.action, one.track === null ? "" : `track ${one.track}`, one.other === null ? "" : `${one.action === "swap" ? "and" : "into"} ${one.other}`,
      one.frames ? `in ${one.frames.includes("..") ? "frames" : "frame"} ${one.frames}` : "", `of ${one.source}`, one.note ? `(${one.note})` : ""].filter(Boolean).join(" ");
    holder.replaceChildren(el("h3", {}, `Review: ${rows.length} ${rows.length === 1 ? "decision" : "decisions"}`), problem,
      el("ol", { class: "decisions" }, ...rows.map((one, place) => el("li", {}, `${words(one)} `,
        el("button", { type: "button", class: "small", "data-testid": "undo", "aria-label": `Undo: ${words(one)}`, click: () => undo(one, place) }, "Undo")))));
  };
})();
