// What is selected in the frame of maps goes on to the page; the frame is a stranger, and says rows only.
let waiting = null;
window.addEventListener("message", (event) => {
  const frame = document.getElementById("map-frame");
  const rows = event.data && event.data.selected;
  if (!frame || event.source !== frame.contentWindow || !Array.isArray(rows)) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => frame.dispatchEvent(new CustomEvent("chosen", { detail: rows.filter(Number.isInteger) })), 150);
});
