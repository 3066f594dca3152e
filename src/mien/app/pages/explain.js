"use strict";
// Sends a picture to this machine's server and shows what it says; all texts go in as text, never as HTML.
const file = document.getElementById("file");
const show = document.getElementById("show");
const status = document.getElementById("status");
const canvas = document.getElementById("picture");
const faces = document.getElementById("faces");
const caution = document.getElementById("caution");
let picture = null, said = null;

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function tell(text, problem) {
  status.textContent = text;
  status.className = problem ? "problem" : "";
}

function loaded(source) {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = failed;
    image.src = source;
  });
}

async function draw() {
  canvas.hidden = !picture;
  if (!picture) return;
  canvas.width = said.width_px;
  canvas.height = said.height_px;
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  for (const face of said.faces) {
    const [x, y, width, height] = face.box_px;
    if (show.checked && face.evidence && face.evidence.png) {
      const [left, top, wide, high] = face.evidence.box_px;
      // Grey below the evidence, so that no colour of the face passes for it.
      pen.save();
      pen.filter = "grayscale(1)";
      pen.drawImage(picture, left * picture.width / canvas.width, top * picture.height / canvas.height,
        wide * picture.width / canvas.width, high * picture.height / canvas.height, left, top, wide, high);
      pen.restore();
      pen.globalAlpha = 0.7;
      pen.drawImage(await loaded(face.evidence.png), left, top, wide, high);
      pen.globalAlpha = 1;
    }
    pen.lineWidth = Math.max(1, canvas.width / 400);
    pen.strokeStyle = "#009e73";
    pen.strokeRect(x, y, width, height);
    pen.font = Math.max(12, Math.round(height / 10)) + "px sans-serif";
    pen.fillStyle = "#009e73";
    pen.fillText("face " + face.face, x, y - 4);
  }
}

function table(caption, heads, rows) {
  const made = element("table");
  made.append(element("caption", caption));
  const head = element("tr");
  for (const text of heads) {
    const cell = element("th", text);
    cell.scope = "col";
    head.append(cell);
  }
  made.append(element("thead"), element("tbody"));
  made.tHead.append(head);
  for (const row of rows) {
    const line = element("tr");
    for (const value of row) {
      line.append(typeof value === "number" ? element("td", value.toFixed(3), "number") : element("td", value ?? "-"));
    }
    made.tBodies[0].append(line);
  }
  return made;
}

function about(face) {
  const made = element("section");
  const what = face.expression || (face.status === "ok" ? "" : face.status);
  made.append(element("h2", "Face " + face.face + (what ? ": " + what : "")));
  const both = element("div", undefined, "face");
  const answers = face.probabilities || face.ratings;
  const rows = Object.entries(answers).sort((one, other) => other[1] - one[1]);
  rows.push(...face.abstained.map((name) => [name, "cannot be measured"]));
  both.append(table(said.title, ["name", face.ratings ? "rating" : "probability"],
    rows));
  if (face.evidence) {
    const rows = face.regions.map((row) => [row.region, row.share, row.even, row.net]);
    both.append(table("Evidence about '" + face.evidence.target + "' by " + face.evidence.method + " (" +
      (face.evidence.signed ? "red for, blue against" : "one colour: how much rests on a place") + ")",
      ["region", "share", "even spread", "for minus against"], rows));
  }
  made.append(both);
  return made;
}

async function ask() {
  const chosen = file.files[0];
  if (!chosen) return;
  tell("The model is looking ...");
  faces.replaceChildren();
  caution.textContent = "";
  picture = null;
  await draw();
  try {
    const answer = await fetch("/explain", { method: "POST", headers: { "Content-Type": chosen.type }, body: chosen });
    said = await answer.json();
    if (!answer.ok) return tell(said.error, true);
    picture = await loaded(URL.createObjectURL(chosen));
    await draw();
    caution.textContent = said.caution;
    faces.replaceChildren(...said.faces.map(about));
    const read = said.faces.length, more = said.faces_not_read;
    tell(read === 0 ? "No face was found." : (read === 1 ? "One face was" : read + " faces were") + " read by '" +
      said.model + "'" + (more ? "; of " + (read + more) + ", the largest" : "") + ".");
  } catch (error) {
    tell("The server does not answer.", true);
  }
}

file.addEventListener("change", ask);
show.addEventListener("change", draw);
