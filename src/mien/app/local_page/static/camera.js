// The camera: frames to this machine, what comes back drawn over them; nothing is kept but what is asked for.
(() => {
  const WIDTH = 640, LEAST_MS = 90;
  // The browsers' own words name no next step, and differ from browser to browser.
  const REFUSED = {
    NotFoundError: "no camera was found. Connect one, and start it again.",
    NotAllowedError: "the browser does not allow it. Allow the camera for this page beside its address, and start it again.",
    NotReadableError: "it gives no picture; another program may be using it. Close that one, and start it again.",
  };
  window.mienCamera = (id, config) => {
    const { make } = window.mienWhy, times = window.mienTimes.camera;
    const canvas = make("canvas", { width: WIDTH, height: 480, role: "img", "aria-label": "The camera's picture with points and evidence; no camera is running", "data-testid": "camera-canvas" });
    const video = make("video", { muted: true, playsinline: true, "aria-hidden": "true", tabindex: "-1" });
    video.muted = true;
    const start = make("button", { type: "button", text: "Start the camera", "data-testid": "camera-start" });
    const stop = make("button", { type: "button", text: "Stop", disabled: true, "data-testid": "camera-stop" });
    const keep = make("button", { type: "button", text: "Keep this frame", disabled: true, "data-testid": "camera-keep" });
    const model = make("select", { "data-testid": "camera-model" }, ...config.models.map(([name, text]) => make("option", { value: name, text })));
    const evidence = make("input", { type: "checkbox", checked: true, "data-testid": "camera-evidence" });
    const dots = make("input", { type: "checkbox", checked: true, "data-testid": "camera-points" });
    const refusal = make("p", { class: "refusal", role: "alert" });
    const said = make("div", { "data-testid": "camera-said" }), rate = make("p", { class: "note", "data-testid": "camera-rate" });
    const kept = make("p", { role: "status", class: "note", "data-testid": "camera-kept" });
    const holder = document.getElementById(id), pen = canvas.getContext("2d");
    const label = (text, field) => make("label", {}, field, text);
    holder.replaceChildren(make("div", { class: "asked camera" },
      make("div", {}, make("div", { class: "stage" }, video, canvas),
        make("div", { class: "controls" }, start, stop, keep), make("div", { class: "controls" }, make("label", { text: "Model " }, model), label("Evidence", evidence), label("Points", dots)), refusal, kept, rate),
      said));
    const shot = document.createElement("canvas");
    let stream = null, last = null;
    const jpeg = () => new Promise((done) => shot.toBlob(done, "image/jpeg", 0.85));
    const post = async (what, body) => {
      const answer = await fetch(config.address + what, { method: "POST", headers: { "Content-Type": "image/jpeg" }, body });
      const found = await answer.json().catch(() => ({ error: "The page's server gave no answer; is it still running?" }));
      if (!answer.ok) throw Object.assign(new Error(found.error), { busy: answer.status === 429 || answer.status === 503 });
      return found;
    };
    const image = (address) => new Promise((done) => { const one = new Image(); one.onload = () => done(one); one.onerror = () => done(null); one.src = address; });
    const draw = async (found) => {
      const layers = await Promise.all(found.faces.map((face) => (face.evidence && face.evidence.png && evidence.checked ? image(face.evidence.png) : null)));
      canvas.width = shot.width; canvas.height = shot.height;
      pen.drawImage(shot, 0, 0);
      found.faces.forEach((face, i) => {
        if (layers[i]) { const [x, y, w, h] = face.evidence.box_px; pen.globalAlpha = 0.7; pen.drawImage(layers[i], x, y, w, h); pen.globalAlpha = 1; }
        pen.fillStyle = "rgba(255,255,255,.9)";
        if (dots.checked) for (const [x, y] of face.points_px) pen.fillRect(x - 0.7, y - 0.7, 1.6, 1.6);
        const [x, y, w, h] = face.box_px;
        pen.lineWidth = 3; pen.strokeStyle = "#000"; pen.strokeRect(x, y, w, h); pen.lineWidth = 1.5; pen.strokeStyle = "#fff"; pen.strokeRect(x, y, w, h);
        pen.font = "600 15px system-ui, sans-serif"; pen.lineWidth = 4; pen.strokeStyle = "#000"; pen.fillStyle = "#fff";
        const name = `${i + 1}${face.expression ? `: ${face.expression}` : ""}`;
        pen.strokeText(name, x + 2, Math.max(14, y - 5)); pen.fillText(name, x + 2, Math.max(14, y - 5));
      });
      canvas.setAttribute("aria-label", `The camera's picture: ${found.faces.length ? found.faces.map((f, i) => `face ${i + 1}, ${f.expression || f.status}`).join("; ") : "no face"}`);
    };
    const list = (found) => {
      said.replaceChildren(make("p", { class: "note", text: found.about }), ...(found.caution ? [make("p", { class: "problem", "data-testid": "not-predicted", text: found.caution })] : []), ...(found.faces.length ? [] : [make("p", { text: "No face is seen." })]), ...found.faces.map((face, i) => {
        const values = Object.entries(face.probabilities || face.ratings), share = Boolean(face.probabilities);
        const most = share ? 1 : Math.max(...values.map(([, v]) => Math.abs(v)), 1e-9);
        const rows = values.map(([name, value]) => {
          const bar = make("span", { class: "bar", "aria-hidden": "true" }, make("i"));
          bar.children[0].style.width = `${(100 * Math.abs(value)) / most}%`;
          const chosen = name === face.expression;
          return make("li", {}, make("span", { class: chosen ? "name chosen" : "name", text: chosen ? `▸ ${name}` : name }), bar, make("span", { class: "value", text: share ? `${(100 * value).toFixed(0)} %` : value.toFixed(2) }));
        });
        const shown = face.evidence ? [make("p", { class: "note", text: `Evidence: ${face.evidence.method} for '${face.evidence.target}'${face.evidence.signed ? ", red for, blue against" : ", amounts"}; most in ${face.regions.slice(0, 3).map((r) => `${r.region} (${(100 * r.share).toFixed(0)} %)`).join(", ")}.` })] : [];
        return make("div", {}, make("h2", { text: `${found.title}, face ${i + 1}` }),
          face.status === "ok" ? make("ul", { class: "answers" }, ...rows) : make("p", { text: face.status }), ...shown);
      }));
    };
    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
    async function run(mine) {
      const finished = [];
      while (stream === mine) {
        const begun = performance.now();
        shot.width = Math.min(WIDTH, video.videoWidth || WIDTH);
        shot.height = Math.round(shot.width * (video.videoHeight || 480) / (video.videoWidth || 640));
        shot.getContext("2d").drawImage(video, 0, 0, shot.width, shot.height);
        const body = await jpeg();
        try {
          const found = await post(`frame?${new URLSearchParams({ model: model.value, evidence: evidence.checked ? "yes" : "no" })}`, body);
          if (stream !== mine) return;
          await draw(found); list(found);
          last = body; keep.disabled = false; refusal.textContent = "";
          const now = performance.now();
          times.push(now - begun); finished.push(now);
          if (finished.length > 20) finished.shift();
          const per = finished.length > 1 ? (1000 * (finished.length - 1)) / (now - finished[0]) : 0;
          rate.textContent = `${per.toFixed(1)} frames per second; ${found.ms.toFixed(0)} ms of work for each.`;
        } catch (error) {
          if (!error.busy) { refusal.textContent = error.message || "The page's server gave no answer."; await wait(1500); }
          else await wait(500);
        }
        await wait(Math.max(0, LEAST_MS - (performance.now() - begun)));
      }
    }
    const end = () => {
      if (stream) stream.getTracks().forEach((track) => track.stop());
      stream = null; video.srcObject = null; start.disabled = false; stop.disabled = true;
    };
    start.addEventListener("click", async () => {
      start.disabled = true;
      try {
        if (!navigator.mediaDevices) throw new Error("This browser gives pages no camera.");
        stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: WIDTH } }, audio: false });
        video.srcObject = stream; await video.play();
        stop.disabled = false; refusal.textContent = "";
        run(stream);
      } catch (error) { end(); refusal.textContent = `The camera cannot be used: ${REFUSED[error.name] || error.message}`; }
    });
    stop.addEventListener("click", end);
    window.addEventListener("pagehide", end);
    keep.addEventListener("click", async () => {
      try { kept.textContent = `Kept as ${(await post("keep", last)).kept} in the study's folder.`; }
      catch (error) { refusal.textContent = error.message; }
    });
  };
})();
