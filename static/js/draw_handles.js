// The handles of vertices: only those in view and at most some hundreds, on a canvas of their own.

const L = window.L;
export const MOST = 400;
const GAPS = [0, 6, 9, 12, 18, 24, 36, 48, 72, 96];
const ROOM_FOR_MIDDLE = 40;

/**
 * Choose the handles to show: { handles, middles, total } with [{ part, ring, vertex, x, y }].
 * When more than MOST vertices are in view, those closer together than some pixels are left out.
 * box: [west, south, east, north]; toPixel(point) returns { x, y }.
 */
export function choose(shape, box, toPixel) {
  const seen = [];
  shape.forEach((rings, part) => rings.forEach((ring, r) => ring.forEach((point, vertex) => {
    if (point[0] < box[0] || point[0] > box[2] || point[1] < box[1] || point[1] > box[3]) return;
    const { x, y } = toPixel(point);
    seen.push({ part, ring: r, vertex, x, y });
  })));
  let handles = seen;
  for (const gap of GAPS) {
    handles = gap ? thinned(seen, gap) : seen;
    if (handles.length <= MOST) break;
  }
  handles = handles.slice(0, MOST);
  const middles = [];
  for (const at of handles) {
    const ring = shape[at.part][at.ring];
    const end = toPixel(ring[(at.vertex + 1) % ring.length]);
    if (Math.hypot(end.x - at.x, end.y - at.y) >= ROOM_FOR_MIDDLE) {
      middles.push({ ...at, x: (at.x + end.x) / 2, y: (at.y + end.y) / 2 });
    }
  }
  return { handles, middles, total: seen.length };
}

function thinned(seen, gap) {
  let last = null;
  return seen.filter((at) => {
    const keep = !last || last.part !== at.part || last.ring !== at.ring || Math.hypot(at.x - last.x, at.y - last.y) >= gap;
    if (keep) last = at;
    return keep;
  });
}

export class HandleLayer {
  constructor(map) {
    this.map = map;
    this.shown = { handles: [], middles: [], total: 0 };
    this.pane = map.createPane("draw-handles");
    Object.assign(this.pane.style, { zIndex: 620, pointerEvents: "none" });
    this.canvas = document.createElement("canvas");
    this.canvas.className = "leaflet-zoom-hide";
    this.canvas.setAttribute("aria-hidden", "true");
    this.pane.append(this.canvas);
  }

  /** Choose anew for the shape and the view, and draw. */
  show(shape, selected) {
    const bounds = this.map.getBounds();
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    this.shown = choose(shape, box, ([lon, lat]) => this.map.latLngToContainerPoint([lat, lon]));
    this.place();
    this.draw(selected);
  }

  place() {
    const size = this.map.getSize();
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = size.x * ratio;
    this.canvas.height = size.y * ratio;
    Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    L.DomUtil.setPosition(this.canvas, this.map.containerPointToLayerPoint([0, 0]));
  }

  /** Draw the handles; selected: { part, ring, vertex, x, y } or null, drawn last and larger. */
  draw(selected) {
    const ratio = window.devicePixelRatio || 1;
    const ctx = this.canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const dots = (points, radius, fill, stroke) => {
      ctx.beginPath();
      for (const { x, y } of points) {
        ctx.moveTo(x + radius, y);
        ctx.arc(x, y, radius, 0, 2 * Math.PI);
      }
      Object.assign(ctx, { fillStyle: fill, strokeStyle: stroke, lineWidth: 2 });
      ctx.fill();
      ctx.stroke();
    };
    dots(this.shown.middles, 3, "rgb(255 255 255 / 80%)", "#7b5ea7");
    dots(this.shown.handles, 5, "#fff", "#5b2a86");
    if (selected) dots([selected], 8, "#f9a825", "#1d2b33");
  }

  /** Return { at, middle } for the handle nearest to a place in the map's box, within some pixels, or null. */
  hit({ x, y }, reach) {
    const nearest = (points) => points.reduce((best, at) => {
      const far = Math.hypot(at.x - x, at.y - y);
      return far <= reach && far < (best?.far ?? Infinity) ? { at, far } : best;
    }, null);
    const vertex = nearest(this.shown.handles);
    if (vertex) return { at: vertex.at, middle: false };
    const middle = nearest(this.shown.middles);
    return middle ? { at: middle.at, middle: true } : null;
  }
}
