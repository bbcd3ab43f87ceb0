// What is to be done in a cell, on its map: squares by when they were patrolled, findings, sites; and choosing on it.

import { addFeatures } from "gridmap/features";

const L = window.L;

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
}

/** A collection of points for addFeatures. */
function collection(rows, href) {
  return {
    type: "FeatureCollection",
    features: rows.filter((row) => Number.isFinite(row.lon)).map((row) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [row.lon, row.lat] },
      properties: { ...row, feature_id: row.id, href: href(row) },
    })),
  };
}

export class CellMap {
  constructor(map, { squares, findings, sites, drawings, words }) {
    this.map = map;
    this.words = words;
    this.chosen = new Set();
    this.onchoose = null;
    this.onpick = null;
    this.onopen = () => {};
    this.squares = new Map();
    for (const square of squares) this.addSquare(square);
    addFeatures(map, { layer: drawings.site, data: collection(sites, (row) => `/?sel=site:${encodeURIComponent(row.id)}`) });
    addFeatures(map, { layer: drawings.finding, data: collection(findings, (row) => `/findings/${row.id}`) });
    map.on("click", (event) => { if (this.onpick) this.onpick(event.latlng); });
    const box = map.getContainer();
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", words.map_label);
  }

  addSquare(square) {
    const shape = L.polygon(square.ring.map(([lon, lat]) => [lat, lon]), { className: "cell-square", bubblingMouseEvents: true });
    shape.bindTooltip(() => `${square.code} ${this.since(square)}`, { sticky: true });
    shape.on("click", () => { if (this.onchoose) this.toggle(square.code); });
    shape.addTo(this.map);
    shape.getElement()?.setAttribute("tabindex", "-1"); // the form's list of squares is the keyboard's way: one step each is too many
    this.squares.set(square.code, { square, shape });
    this.show(square.code);
  }

  since({ days }) {
    if (days === null) return this.words.square_never;
    return days === 0 ? this.words.square_today : fill(this.words.square_days, { n: days });
  }

  show(code) {
    const { square, shape } = this.squares.get(code);
    const path = shape.getElement();
    if (!path) return;
    path.classList.toggle("due", square.due);
    path.classList.toggle("done", !square.due);
    path.classList.toggle("chosen", this.chosen.has(code));
  }

  /** Have clicks choose squares; changed(set of codes) is called after each. null ends it. */
  choose(changed) {
    this.onchoose = changed;
    if (!changed) this.setChosen([]);
  }

  setChosen(codes) {
    this.chosen = new Set(codes);
    for (const code of this.squares.keys()) this.show(code);
  }

  toggle(code) {
    if (!this.chosen.delete(code)) this.chosen.add(code);
    this.show(code);
    this.onchoose?.(this.chosen);
  }

  /** Mark squares as patrolled today: the server has the round. */
  markPatrolled(codes) {
    for (const code of codes) {
      const known = this.squares.get(code);
      if (!known) continue;
      Object.assign(known.square, { due: false, days: 0 });
      this.show(code);
    }
  }

  /** Show a place with its error, or take it away (null). */
  setPlace(place) {
    this.mark?.remove();
    this.mark = null;
    if (!place) {
      if (this.home) this.map.fitBounds(this.home);
      this.home = null;
      return;
    }
    const at = [place.lat, place.lon];
    this.mark = L.layerGroup([
      L.circle(at, { radius: place.accuracy_m, className: "place-error", interactive: false }),
      L.circleMarker(at, { radius: 7, className: "place-mark", interactive: false }),
    ]).addTo(this.map);
    if (!this.map.getBounds().contains(at)) {
      this.home ??= this.map.getBounds();
      this.map.fitBounds(L.latLngBounds(this.home).extend(at));
    }
  }

  /** Draw a track. */
  setTrack(points) {
    this.track?.remove();
    this.track = points.length ? L.polyline(points.map((p) => [p.lat, p.lon]), { className: "cell-track", interactive: false }).addTo(this.map) : null;
  }
}
