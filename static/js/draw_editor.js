// The editor on the map: a shape, the handles of its vertices, dragging with mouse or finger, new parts and holes by
// clicks. While a vertex is dragged only it moves: nothing is copied, and at most one picture is drawn per frame.

import { HandleLayer } from "gridmap/draw_handles";
import { insertTogether, moveTogether, twinsOf } from "gridmap/draw_pieces";
import { crossesAt, insertVertex, middleAfter, moveVertex, vertexOf } from "gridmap/draw_shape";

const L = window.L;
const REACH = { mouse: 10, pen: 14, touch: 24 };
const SHAPE = { color: "#5b2a86", weight: 2.5, fillColor: "#5b2a86", fillOpacity: 0.12, interactive: false };
const SKETCH = { color: "#b71c1c", weight: 2.5, dashArray: "6 4", fill: false, interactive: false };

export class Editor {
  /**
   * snap(point, scale): the place to take instead, or null. changed(shape, key): a step was made. selected(at).
   * snapped(found or null): what a dragged vertex is held by. drawn(ring, mode): a new ring was finished.
   * current(): the shape of the last step. viewed(shown), sketched(number of vertices, least). least(mode): vertices
   * of a sketch; below three it is a line. refuses(shape): say why it may not be, true when it may not.
   */
  constructor(map, calls) {
    this.map = map;
    this.calls = calls;
    this.shape = [];
    this.selection = null;
    this.drag = null;
    this.mode = null;
    this.sketch = [];
    this.enabled = true;
    const pane = map.createPane("draw-shape");
    Object.assign(pane.style, { zIndex: 450, pointerEvents: "none" });
    this.renderer = L.canvas({ pane: "draw-shape", padding: 0.2 });
    this.polygon = L.polygon([], { ...SHAPE, pane: "draw-shape", renderer: this.renderer }).addTo(map);
    this.line = L.polyline([], { ...SKETCH, pane: "draw-shape", renderer: this.renderer }).addTo(map);
    this.handles = new HandleLayer(map);
    map.on("moveend zoomend resize viewreset", () => this.showHandles());
    const box = map.getContainer();
    // before Leaflet hears of it: what begins on a handle is no move of the map
    box.addEventListener("pointerdown", (event) => this.press(event), true);
    box.addEventListener("pointermove", (event) => this.move(event), true);
    for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, (event) => this.release(event), true);
    for (const name of ["mousedown", "touchstart", "click", "dblclick"]) box.addEventListener(name, (event) => this.hold(event), true);
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => this.hover(event));
  }

  /** Show another shape; what was selected stays so if it is still there. */
  setShape(shape) {
    this.shape = shape;
    this.polygon.setLatLngs(shape.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [lat, lon]))));
    if (this.selection && !vertexOf(shape, this.selection)) this.selection = null;
    if (this.selection) {
      const ring = shape[this.selection.part][this.selection.ring];
      this.selection = { ...this.selection, vertex: Math.min(this.selection.vertex, ring.length - 1) };
    }
    this.showHandles();
  }

  select(at, { look = false } = {}) {
    this.selection = at && { part: at.part, ring: at.ring, vertex: at.vertex };
    if (look && at) {
      const [lon, lat] = vertexOf(this.shape, at);
      if (!this.map.getBounds().pad(-0.05).contains([lat, lon])) this.map.panTo([lat, lon], { animate: false });
    }
    this.showHandles();
    this.calls.selected(this.selection);
  }

  showHandles() {
    this.handles.show(this.enabled && !this.mode ? this.shape : [], this.selected());
    this.calls.viewed?.(this.handles.shown);
  }

  /** The selected vertex with its place in the map's box. */
  selected() {
    if (!this.selection || this.mode) return null;
    const [lon, lat] = vertexOf(this.shape, this.selection);
    const { x, y } = this.map.latLngToContainerPoint([lat, lon]);
    return { ...this.selection, x, y };
  }

  /** Pixels per degree at a place, to the east and to the north. */
  scaleAt([lon, lat]) {
    const small = 1e-4;
    const zoom = this.map.getZoom();
    const [a, b] = [this.map.project([lat, lon], zoom), this.map.project([lat + small, lon + small], zoom)];
    return [(b.x - a.x) / small, (a.y - b.y) / small];
  }

  pointOf(event, free) {
    return this.placeOf(this.map.mouseEventToLatLng(event), free);
  }

  /** Return the position of a place on the map, snapped unless free, and show what it is held by. */
  placeOf({ lat, lng }, free) {
    const round = (value) => Math.round(value * 1e7) / 1e7;
    const point = [round(lng), round(lat)];
    const found = free ? null : this.calls.snap(point, this.scaleAt(point), this.mode);
    this.calls.snapped(found);
    return found?.point ?? point;
  }

  press(event) {
    this.held = false;
    if (!this.enabled || this.mode || !event.isPrimary || event.button > 0 || event.target.closest(".leaflet-control")) return;
    const hit = this.handles.hit(this.map.mouseEventToContainerPoint(event), REACH[event.pointerType] ?? REACH.mouse);
    if (!hit) return;
    this.held = true;
    this.hold(event);
    if (this.calls.isFixed?.(hit.at)) {
      this.select(hit.at);
      this.holdClick();
      return;
    }
    const { part, ring, vertex } = hit.at;
    const at = { part, ring, vertex: hit.middle ? vertex + 1 : vertex };
    this.drag = { at, from: [event.clientX, event.clientY], pointer: event.pointerId, middle: hit.middle, alone: event.altKey, moved: false, point: null, frame: 0 };
    this.map.dragging.disable();
    this.map.getContainer().setPointerCapture(event.pointerId);
  }

  /** Keep an event that belongs to a handle from the map. */
  hold(event) {
    if (!this.held) return;
    event.stopPropagation();
    if (event.type === "mousedown") event.preventDefault(); // neither text nor focus: the page does not jump
  }

  /** The click that ends a press belongs to the editor too; those that follow do not. */
  holdClick() {
    this.held = true;
    window.setTimeout(() => { this.held = Boolean(this.drag); }, 400);
  }

  begin() {
    const { drag } = this;
    drag.moved = true;
    drag.shape = this.shape;
    if (drag.middle) {
      const before = { ...drag.at, vertex: drag.at.vertex - 1 };
      drag.shape = (drag.alone ? insertVertex : insertTogether)(this.shape, before, middleAfter(this.shape, before));
      this.setShape(drag.shape);
    }
    this.selection = drag.at;
    this.handles.show(drag.shape, this.selected());
    const rings = this.polygon.getLatLngs();
    const latLngOf = ({ part, ring, vertex }) => rings[part][ring][vertex];
    drag.latlng = latLngOf(drag.at);
    drag.twins = drag.alone ? [] : twinsOf(drag.shape, drag.at).map(latLngOf);
    drag.handle = this.handles.shown.handles.find(({ part, ring, vertex }) =>
      part === drag.at.part && ring === drag.at.ring && vertex === drag.at.vertex);
    this.handles.shown.middles = [];
  }

  move(event) {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.pointer) return;
    event.stopPropagation();
    if (!drag.moved && Math.hypot(event.clientX - drag.from[0], event.clientY - drag.from[1]) < 3) return;
    if (!drag.moved) this.begin();
    drag.event = event;
    drag.frame ||= window.requestAnimationFrame(() => this.follow());
  }

  /** Draw the dragged vertex where the pointer was last. */
  follow() {
    const { drag } = this;
    if (!drag) return;
    drag.frame = 0;
    drag.point = this.pointOf(drag.event, drag.event.altKey);
    for (const latlng of [drag.latlng, ...drag.twins]) [latlng.lng, latlng.lat] = drag.point;
    this.polygon.redraw();
    const { x, y } = this.map.latLngToContainerPoint(drag.latlng);
    if (drag.handle) Object.assign(drag.handle, { x, y });
    this.handles.draw({ x, y });
  }

  release(event) {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.pointer) return;
    event.stopPropagation();
    if (drag.frame) {
      window.cancelAnimationFrame(drag.frame);
      this.follow();
    }
    this.drag = null;
    this.holdClick();
    this.map.dragging.enable();
    if (event.type === "pointercancel") {
      this.setShape(this.calls.current()); // as it was before
    } else if (drag.moved) {
      this.change((drag.alone ? moveVertex : moveTogether)(drag.shape, drag.at, drag.point), { at: drag.at });
    } else if (drag.middle) {
      const before = { ...drag.at, vertex: drag.at.vertex - 1 };
      this.change(insertTogether(this.shape, before, middleAfter(this.shape, before)), { at: drag.at });
    } else {
      this.select(drag.at);
    }
    this.calls.snapped(null);
  }

  /** Make a step: show a shape, select a vertex in it, and tell; false when it may not be. key: see History.push. */
  change(shape, { at = this.selection, key = null } = {}) {
    if (this.calls.refuses?.(shape)) {
      this.setShape(this.calls.current());
      this.calls.selected(this.selection);
      return false;
    }
    this.selection = at;
    this.setShape(shape);
    this.calls.changed(shape, key, this.selection ? crossesAt(shape, this.selection) : false);
    this.calls.selected(this.selection);
    return true;
  }

  /** Begin a new part, hole or line, drawn by clicks; or go on with corners drawn before. */
  start(mode, corners = []) {
    this.mode = mode;
    this.least = this.calls.least?.(mode) ?? 3;
    this.sketch = [...corners];
    if (corners.length) this.showSketch(corners[corners.length - 1]);
    this.map.doubleClickZoom.disable();
    this.map.getContainer().classList.add("drawing");
    this.showHandles();
  }

  click(event) {
    if (!this.mode) return;
    this.add(this.pointOf(event.originalEvent, event.originalEvent.altKey));
  }

  /** Put the next corner of the sketch; one at its first corner ends it. */
  add(point) {
    const pixel = ([lon, lat]) => this.map.latLngToContainerPoint([lat, lon]);
    const near = (other) => pixel(point).distanceTo(pixel(other)) < REACH.mouse;
    if (this.least >= 3 && this.sketch.length >= this.least && near(this.sketch[0])) {
      this.finish();
    } else if (!this.sketch.length || !near(this.sketch[this.sketch.length - 1])) {
      this.sketch.push(point);
      this.showSketch(point);
    }
  }

  /** Take the last corner of the sketch back. */
  back() {
    this.sketch.pop();
  }

  hover(event) {
    if (this.mode) this.showSketch([event.latlng.lng, event.latlng.lat]);
  }

  /** Show the sketch as far as it has come, and on to a point. */
  showSketch(point) {
    this.line.setLatLngs([...this.sketch, point].map(([lon, lat]) => [lat, lon]));
    this.calls.sketched?.(this.sketch.length, this.least);
  }

  finish() {
    const [ring, mode] = [this.sketch, this.mode];
    if (ring.length < this.least) return;
    this.cancel();
    this.calls.drawn(ring, mode);
  }

  cancel() {
    this.mode = null;
    this.sketch = [];
    this.line.setLatLngs([]);
    this.calls.snapped(null);
    this.map.doubleClickZoom.enable();
    this.map.getContainer().classList.remove("drawing");
    this.showHandles();
  }
}
