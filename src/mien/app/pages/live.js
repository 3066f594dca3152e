"use strict";
// What is said of the newest frame, as text; names come from the model's file and are never taken for HTML.
const rate = document.getElementById("rate");
const faces = document.getElementById("faces");
const caution = document.getElementById("caution");
const title = document.getElementById("title");
const number = (value, unit) => (value === null || value === undefined ? "-" : value.toFixed(1) + " " + unit);
let silent = 0;

function row(face) {
  const answers = Object.entries(face.answers)
    .sort((one, other) => other[1] - one[1])
    .map(([name, value]) => name + " " + value.toFixed(2))
    .concat(face.abstained.map((name) => name + " cannot be measured"))
    .join(", ");
  const line = document.createElement("tr");
  for (const text of [String(face.face), face.expression || (face.status === "ok" ? "-" : face.status), answers]) {
    const cell = document.createElement("td");
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

async function tell() {
  try {
    const state = await (await fetch("/state")).json();
    silent = 0;
    if (state.faces === undefined) {
      rate.textContent = state.status;
    } else {
      rate.textContent = number(state.frames_per_s, "frames/s shown") + "; points " + number(state.landmarks_ms, "ms") +
        ", expression " + number(state.expression_ms, "ms") + ", overlay " + number(state.overlay_ms, "ms") + "; " +
        state.dropped + " frames dropped";
      // Only what is new, which is read aloud.
      if (caution.textContent !== state.caution) caution.textContent = state.caution;
      title.textContent = state.title;
      faces.replaceChildren(...state.faces.map(row));
    }
  } catch (error) {
    silent += 1;
    if (silent > 2) {
      rate.textContent = "The view has ended.";
      return;
    }
  }
  setTimeout(tell, 500);
}
tell();
