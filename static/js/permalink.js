// The address says all that is shown: filters, day and layers in the query, the view in the hash (#zoom/lat/lon).

/** Read #zoom/lat/lon; null when there is none. */
export function readHash() {
  const parts = window.location.hash.slice(1).split("/").map(Number);
  return parts.length === 3 && parts.every(Number.isFinite) ? { zoom: parts[0], lat: parts[1], lon: parts[2] } : null;
}

function hashOf(map) {
  const { lat, lng } = map.getCenter();
  return `#${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
}

/** Return the query with some parameters changed; null leaves one out. */
export function queryWith(changes) {
  const query = new URLSearchParams(window.location.search);
  query.delete("lang");
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text ? `?${text}` : "";
}

/** Write the address without a new page; `push` makes it a step that the back button undoes. */
export function write(map, changes = {}, push = false) {
  const address = `${window.location.pathname}${queryWith(changes)}${hashOf(map)}`;
  window.history[push ? "pushState" : "replaceState"](null, "", address);
}
