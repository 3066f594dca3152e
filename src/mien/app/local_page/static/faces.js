// The gallery: thousands of faces of which only those in sight are in the page.
(() => {
  const { el, address, ask, plural, labelled, select } = window.mienFaces.parts;
  const TILE = 128, HIGH = 168, BEYOND = 2, SETTLED_MS = 70;
  // Pixels per millisecond beyond which nobody reads a name; two draws in a row tell a throw from a jump.
  const FLIES = 4;
  let root, study, all = [], shown = [], at = 0, columns = 1, frame = 0, loading = 0;
  let seenTop = 0, seenAt = 0, fast = false, landing = 0;
  const view = {}, live = new Map(), spare = [];

  function build() {
    view.status = select([["", "all"]], { "data-testid": "filter-status", change: filter });
    view.text = el("input", { type: "search", "data-testid": "filter-text", input: filter });
    view.count = el("p", { class: "note", role: "status", "data-testid": "gallery-count" });
    view.problem = el("div", { class: "problem", role: "alert", hidden: true });
    view.space = el("div", { class: "space", role: "list", "aria-label": "Faces" });
    view.scroll = el("div", { class: "scroll", "data-testid": "gallery", scroll: draw, keydown: keys }, view.space);
    view.face = el("div", { "data-testid": "face" });
    view.review = el("div", { "data-testid": "review" });
    root.append(
      el("div", { class: "filters" }, labelled("Status", view.status), labelled("Name or reason", view.text)),
      view.problem, view.count, view.scroll, view.face, view.review,
    );
    new ResizeObserver(layOut).observe(view.scroll);
    setInterval(loadSettled, 60);
    view.count.textContent = "Reading the faces ...";
  }

  async function reload() {
    const turn = ++loading;
    let found = [], part;
    do {
      part = await ask(address(study, "faces", { offset: found.length })).catch((error) => ({ problem: error.message, tiles: [], total: 0, counts: {}, review: [] }));
      found = found.concat(part.tiles);
      if (turn !== loading) return;
    } while (part.tiles.length && found.length < part.total);
    all = found;
    for (const node of live.values()) node.key = null;
    const chosen = view.status.value, order = ["unreadable", "truncated", "no face", "excluded", "ok"];
    const kinds = Object.keys(part.counts).sort((a, b) => order.indexOf(a) - order.indexOf(b));
    view.status.replaceChildren(...[["", "all"], ...kinds.map((kind) => [kind, `${kind} (${part.counts[kind]})`])].map(([value, text]) => el("option", { value }, text)));
    view.status.value = kinds.includes(chosen) ? chosen : "";
    view.problem.hidden = !part.problem;
    view.problem.textContent = part.problem || "";
    window.mienFaces.reviewList(view.review, part.review, study, reload);
    filter();
  }

  function filter() {
    const words = view.text.value.toLowerCase().split(/\s+/).filter(Boolean), status = view.status.value;
    shown = all.filter((tile) => (!status || tile.status === status)
      && words.every((word) => `${tile.source} ${tile.reason} ${tile.quality}`.toLowerCase().includes(word)));
    at = Math.min(at, Math.max(0, shown.length - 1));
    const failed = new Set(all.filter((tile) => tile.of_source !== "ok").map((tile) => tile.source)).size;
    view.count.textContent = all.length
      ? `${shown.length === all.length ? plural(all.length, "tile") : `${shown.length} of ${plural(all.length, "tile")}`}; `
        + `${failed ? `${plural(failed, "source")} without a usable face stand${failed === 1 ? "s" : ""} first` : "every source has a face"}. Arrow keys move, Enter opens.`
      : "There are no faces yet: choose pictures or videos above.";
    view.scroll.hidden = !shown.length;
    for (const [place, node] of live) leave(place, node);
    layOut();
  }

  function layOut() {
    columns = Math.max(1, Math.floor((view.scroll.clientWidth - 4) / TILE));
    const high = Math.ceil(shown.length / columns) * HIGH;
    view.space.style.height = `${high}px`;
    view.scroll.style.height = `min(30rem, 70vh, ${high + 2}px)`;
    for (const node of live.values()) node.key = null;
    draw();
  }

  function draw() {
    if (frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      const top = view.scroll.scrollTop, high = view.scroll.clientHeight;
      // What flies past is an empty grid: writing faces into it that nobody sees is what made it stutter.
      if (flies(top)) return;
      const first = Math.max(0, Math.floor(top / HIGH) - BEYOND) * columns;
      const last = Math.min(shown.length, (Math.ceil((top + high) / HIGH) + BEYOND) * columns);
      // Nodes that went out of sight are moved, not taken out and put back in: that would be laid out anew each time.
      for (const [place, node] of live) if (place < first || place >= last) leave(place, node);
      for (let place = first; place < last; place++) put(place);
      for (const node of spare.splice(0)) node.item.remove();
    });
  }

  function flies(top) {
    const now = performance.now(), was = fast;
    fast = Math.abs(top - seenTop) > FLIES * Math.max(1, now - seenAt);
    seenTop = top; seenAt = now;
    clearTimeout(landing);
    if (fast) landing = setTimeout(() => { fast = false; draw(); }, SETTLED_MS);
    const flying = fast && was;
    if (flying !== view.scroll.classList.contains("flying")) view.scroll.classList.toggle("flying", flying);
    return flying;
  }

  function leave(place, node) {
    live.delete(place);
    if (node.button === document.activeElement) node.button.blur();
    spare.push(node);
  }

  function tileNode() {
    const picture = el("img", { alt: "", width: 112, height: 112, decoding: "async" });
    const name = new Text(), status = new Text();
    const button = el("button", { type: "button", class: "tile", tabindex: -1 }, picture, el("span", { class: "name" }, name), el("span", { class: "status" }, status));
    const node = { item: el("div", { role: "listitem", class: "item" }, button), button, picture, name, status, key: null, kind: null };
    picture.addEventListener("load", () => { node.pictured = node.asked; if (node.loaded) picture.style.visibility = ""; });
    button.addEventListener("click", () => { at = node.place; focusable(); open(shown[at]); });
    return node;
  }

  function put(place) {
    let node = live.get(place);
    const tile = shown[place];
    if (node && node.key === tile) return;
    if (!node) {
      node = spare.pop() || tileNode();
      live.set(place, node);
      if (!node.item.isConnected) view.space.append(node.item);
    }
    node.key = tile; node.place = place; node.since = performance.now(); node.loaded = false;
    node.item.style.transform = `translate(${(place % columns) * TILE}px, ${Math.floor(place / columns) * HIGH}px)`;
    if (node.button.tabIndex !== (place === at ? 0 : -1)) node.button.tabIndex = place === at ? 0 : -1;
    // What stays the same is not written: every write has the browser look its style up again.
    if (node.kind !== tile.status) {
      node.kind = tile.status;
      node.button.className = tile.status === "ok" ? "tile" : "tile failed";
      node.button.dataset.testid = `tile-${tile.status.replace(" ", "-")}`;
    }
    node.name.nodeValue = tile.source.split("/").pop();
    const track = tile.video && tile.track >= 0 ? `track ${tile.track}, ` : "";
    const frames = tile.video ? plural(tile.frames, "frame") : tile.track > 0 ? `face ${tile.track}` : "";
    node.status.nodeValue = [tile.status === "ok" ? "" : tile.status, `${track}${frames}`, tile.quality].filter(Boolean).join(" · ");
    // A tile that is laid out anew keeps its picture; only another face's is hidden until its own is there.
    const seen = tile.key && node.pictured === tile.key ? "" : "hidden";
    if (node.picture.style.visibility !== seen) node.picture.style.visibility = seen;
  }

  // Small pictures are fetched for what stays in sight, not for what flies past.
  function loadSettled() {
    const now = performance.now();
    for (const node of live.values()) {
      if (node.loaded || !node.key || now - node.since < SETTLED_MS) continue;
      node.loaded = true;
      node.item.setAttribute("aria-setsize", shown.length);
      node.item.setAttribute("aria-posinset", node.place + 1);
      node.button.title = `${node.key.source}${node.key.reason ? `: ${node.key.reason}` : ""}`;
      if (!node.key.key) continue;
      const small = address(study, "thumbnail", { key: node.key.key, source: node.key.source });
      if (node.picture.getAttribute("src") === small) node.picture.style.visibility = "";
      else { node.pictured = null; node.asked = node.key.key; node.picture.src = small; }
    }
  }

  function focusable() {
    for (const [place, node] of live) node.button.tabIndex = place === at ? 0 : -1;
  }

  function keys(event) {
    const page = Math.max(1, Math.floor(view.scroll.clientHeight / HIGH)) * columns;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -page, PageDown: page, Home: -shown.length, End: shown.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    at = Math.min(shown.length - 1, Math.max(0, at + step));
    const top = Math.floor(at / columns) * HIGH, { scrollTop, clientHeight } = view.scroll;
    if (top < scrollTop) view.scroll.scrollTop = top;
    else if (top + HIGH > scrollTop + clientHeight) view.scroll.scrollTop = top + HIGH - clientHeight;
    fast = false;
    draw();
    requestAnimationFrame(() => requestAnimationFrame(() => { focusable(); live.get(at)?.button.focus({ preventScroll: true }); }));
  }

  function open(tile) {
    if (tile) window.mienFaces.openFace(view.face, study, tile, reload);
  }

  function begin() {
    const found = document.getElementById("gallery");
    if (!found || found === root) return;
    root = found;
    study = root.dataset.study;
    build();
    window.mienFaces.reload = reload;
    reload();
  }
  const waiting = setInterval(() => { begin(); if (root) clearInterval(waiting); }, 30);
})();
