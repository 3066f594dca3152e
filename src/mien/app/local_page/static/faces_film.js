// A film that plays: each frame of the browser's own decoder is drawn together with the points that were measured in it.
(() => {
  const { el, address, labelled, select } = window.mienFaces.parts;
  // Frames whose points are fetched at once, kept before the frame that is seen, and asked for before they are needed.
  const CHUNK = 150, MOST_CHUNKS = 8, AHEAD = 100;
  // Browsers and mien round the time of a frame differently.
  const SLACK_S = 0.0015, PATIENCE_MS = 8000, SHAPE = 0.02;

  // What plays the film of a player, or null in a browser that does not say which frame it shows.
  window.mienFaces.film = (it) => {
    if (!HTMLVideoElement.prototype.requestVideoFrameCallback) return null;
    const film = { it, chunks: new Map(), zero: null, able: true, ended: null };
    film.video = el("video", { preload: "auto", playsinline: true });
    film.speed = select([["1", "1"], ["0.5", "1/2"], ["0.25", "1/4"], ["0.1", "1/10"]], { "data-testid": "speed", change: () => { film.video.playbackRate = Number(film.speed.value); } });
    film.sound = el("input", { type: "checkbox", "data-testid": "sound", change: () => { film.video.muted = !film.sound.checked; } });
    film.controls = [labelled("Speed", film.speed), el("label", { class: "tick" }, film.sound, " Sound")];
    film.anew = () => film.chunks.clear();
    film.play = () => play(film);
    film.stop = () => { film.video.pause(); film.ended?.(); };
    return film;
  };

  // True once it has ended, was stopped or is at its end; false if this film cannot be played in this browser.
  async function play(film) {
    const { it, video } = film, one = it.one;
    if (film.zero === null && film.able) film.able = await ready(film).then(() => true, () => false);
    if (!film.able) return false;
    if (!it.playing) return true;
    await seek(video, film.zero + it.line.times_s[it.place] + SLACK_S);
    await chunk(film, it.place).catch(() => {});
    if (!it.playing) return true;
    video.playbackRate = Number(film.speed.value);
    video.muted = !film.sound.checked;
    one.playing = true;
    one.decide.inert = true;
    // Those are of the frame at which it was paused.
    one.numbers.style.visibility = "hidden";
    const ended = new Promise((done) => { film.ended = done; });
    const onward = () => video.requestVideoFrameCallback((now, facts) => { if (one.playing) { seen(film, facts.mediaTime - film.zero); onward(); } });
    onward();
    video.onended = () => { it.passed(it.line.frames.length - 1); film.ended(); };
    const refused = await video.play().then(() => false, () => it.playing);
    if (!refused) await ended;
    video.pause();
    one.playing = false;
    one.decide.inert = false;
    one.numbers.style.visibility = "";
    return !refused;
  }

  // The first frame says at which time of its own the browser has the film begin.
  function ready(film) {
    const { it, video } = film;
    return new Promise((done, fail) => {
      const late = setTimeout(() => fail(new Error("late")), PATIENCE_MS);
      video.onerror = () => { clearTimeout(late); fail(new Error("not played here")); };
      video.requestVideoFrameCallback((now, facts) => {
        clearTimeout(late);
        const { width, height } = it.one.data, ratio = (facts.width / facts.height) / (width / height);
        // Turned, stretched or cut otherwise than mien reads it: its points would lie elsewhere.
        if (Math.abs(ratio - 1) > SHAPE) return fail(new Error("of another shape"));
        film.zero = facts.mediaTime;
        done();
      });
      video.muted = true;
      video.src = address(it.one.study, "video", { source: it.one.source });
    });
  }

  const seek = (video, time) => new Promise((done) => { video.onseeked = () => { video.onseeked = null; done(); }; video.currentTime = time; setTimeout(done, PATIENCE_MS); });

  function seen(film, time) {
    const { it, video } = film, times = it.line.times_s, last = times.length - 1;
    // Another face was opened in its place.
    if (!it.one.holder.contains(it.play)) return film.stop();
    let low = 0, high = last;
    while (low < high) { const middle = (low + high + 1) >> 1; if (times[middle] <= time + SLACK_S) low = middle; else high = middle - 1; }
    const faces = facesAt(film, low);
    if (!faces) {
      // Rather a stop than a frame without what was measured in it.
      video.pause();
      chunk(film, low).then(() => { if (it.one.playing) video.play().catch(() => film.ended()); }, () => film.ended());
      return;
    }
    const exact = Math.abs(times[low] - time) < SLACK_S;
    window.mienFaces.paintFilm(it.one, video, faces, !exact);
    it.passed(low);
    it.one.stage.dataset.frame = it.line.frames[low];
    it.one.stage.dataset.exact = exact;
    if (low + AHEAD <= last) chunk(film, low + AHEAD).catch(() => {});
    if (low === last) film.ended();
  }

  const facesAt = (film, place) => {
    const there = film.chunks.get(Math.floor(place / CHUNK));
    return there instanceof Map ? there.get(place) || [] : null;
  };

  // Faces of the chunk of frames in which this one lies, by their places.
  async function chunk(film, place) {
    const { it, chunks } = film, number = Math.floor(place / CHUNK);
    if (!chunks.has(number)) {
      const asked = fetch(address(it.one.study, "points", { source: it.one.source, first: number * CHUNK, count: CHUNK }))
        .then(async (answer) => { if (!answer.ok) throw new Error("no points"); return read(await answer.arrayBuffer()); });
      chunks.set(number, asked);
      for (const old of chunks.keys()) if (chunks.size > MOST_CHUNKS && old !== number) chunks.delete(old);
      asked.then((found) => { if (chunks.get(number) === asked) chunks.set(number, found); }, () => { if (chunks.get(number) === asked) chunks.delete(number); });
    }
    return chunks.get(number);
  }

  // As gallery/details.py writes it.
  function read(buffer) {
    const all = new Float32Array(buffer), long = all[0], found = new Map();
    for (let at = 1; at + long <= all.length; at += long) {
      const [place, track, excluded] = all.subarray(at, at + 3);
      const face = { track, status: excluded ? "excluded" : "ok", box: all.subarray(at + 3, at + 7), iris: all.subarray(at + 7, at + 11), points: all.subarray(at + 11, at + long) };
      found.has(place) ? found.get(place).push(face) : found.set(place, [face]);
    }
    return found;
  }
})();
