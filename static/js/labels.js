// Names of counties, townships and villages as text over the map; where two would overlap, the more important one stays.

import { h } from "gridmap/dom";

const L = window.L;
const RANK = { hot: 0, county: 1, township: 2, village: 3 };
const LOWEST_ZOOM = { [RANK.township]: 11, [RANK.village]: 13 };

function widthOf(text, size) {
  let width = 0;
  for (const letter of text) width += letter.charCodeAt(0) > 255 ? size : size * 0.58;
  return width;
}

/** Show names. places: [{code, level, name, lon, lat, hot}], hot = number of findings worth a red label. */
export class PlaceLabels {
  constructor(map, places) {
    this.map = map;
    this.items = places.map((place) => ({ ...place, rank: place.hot && place.level !== "county" ? RANK.hot : RANK[place.level] }));
    this.items.sort((a, b) => a.rank - b.rank || (b.hot ?? 0) - (a.hot ?? 0));
    this.pane = map.createPane("place-labels");
    this.pane.style.zIndex = 640;
    this.pane.style.pointerEvents = "none";
    this.pane.setAttribute("aria-hidden", "true");
    map.on("zoomend moveend", () => this.draw());
    this.draw();
  }

  lowestZoom(item) {
    return LOWEST_ZOOM[item.rank] ?? 8;
  }

  draw() {
    const zoom = this.map.getZoom();
    const bounds = this.map.getBounds().pad(0.1);
    const taken = [];
    this.pane.replaceChildren();
    for (const item of this.items) {
      if (zoom < this.lowestZoom(item) || (item.level === "county" && zoom > 13)) continue;
      const latlng = L.latLng(item.lat, item.lon);
      if (!bounds.contains(latlng)) continue;
      const at = this.map.latLngToLayerPoint(latlng);
      const text = item.hot ? `${item.name} ${item.hot}` : item.name;
      const size = item.level === "county" ? 15 : 13;
      const half = widthOf(text, size) / 2 + (item.hot ? 10 : 4);
      const y = item.level === "county" ? at.y : at.y - (item.hot ? 26 : 14);
      const box = [at.x - half, y - size, at.x + half, y + size];
      if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) continue;
      taken.push(box);
      const kind = item.level === "county" ? "county" : item.hot ? "hot" : "township";
      const label = h("span", { class: `place-label place-label-${kind}` }, h("span", {}, text));
      L.DomUtil.setPosition(label, L.point(at.x, y));
      this.pane.append(label);
    }
  }
}
