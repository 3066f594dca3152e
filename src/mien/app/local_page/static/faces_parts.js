// Pieces that the gallery's scripts share. All texts become text nodes: nothing that a file is called is ever read as HTML.
window.mienFaces = { parts: {} };
(() => {
  const parts = window.mienFaces.parts;

  // An element with attributes; functions are listeners.
  parts.el = (tag, given = {}, ...inner) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (typeof value === "function") made.addEventListener(name, value);
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...inner.filter((one) => one !== null && one !== undefined));
    return made;
  };

  parts.address = (study, what, asked = {}) => {
    const query = new URLSearchParams(Object.entries(asked).map(([key, value]) => [key, String(value)]));
    return `/media/${study}/${what}${[...query].length ? `?${query}` : ""}`;
  };

  // JSON of an address; a refusal is an Error with mien's sentence.
  parts.ask = async (address, body) => {
    const how = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(address, how);
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(found.error || `The page does not answer (${answer.status}).`);
    if (found.refused) throw new Error(found.refused);
    return found;
  };

  // The same colour for the same track everywhere; the number stands beside it.
  parts.trackColour = (track) => ["#1f66b8", "#b8321f", "#2c7a3f", "#6f35ab", "#8a5a00", "#00727a"][Math.max(0, track) % 6];

  parts.plural = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

  parts.labelled = (text, control) => {
    const made = parts.el("label", { class: "field" }, parts.el("span", {}, text), control);
    return made;
  };

  parts.select = (options, given = {}) =>
    parts.el("select", given, ...options.map(([value, text]) => parts.el("option", { value }, text)));
})();
