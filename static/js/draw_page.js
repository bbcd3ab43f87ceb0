// The drawing page of a draft: editor, history, saving, snapping, table of vertices, lists of units, impact. Whatever
// else there is to draw with is a tool of its own (draw_tools.js), which finds here on the desk what it needs:
//   settings, words, map, editor, history, saver, impact, units, snaps, byId, fill(text, values), say(...text or nodes),
//   step(state, key), showState(), showButtons(), inside(point), place({ lon, lat, name }),
//   edit({ step, … }): have the server cut, join, take in or leave out;
//   guards: functions of a shape and the one before that say why it may not be, or ""; watchers: called whenever something is shown anew;
//   sketches: by mode { least, drawn(points), hint, free: never snapped }, started with startDrawing(mode, byKeyboard).

import { h, pageData } from "gridmap/dom";
import { startCheck } from "gridmap/draw_check";
import { Editor } from "gridmap/draw_editor";
import { History } from "gridmap/draw_history";
import { ImpactPanel } from "gridmap/draw_impact";
import { Saver } from "gridmap/draw_save";
import { deleteTogether, insertTogether, keepPieces, keptPieces, moveTogether, startPieces, twinsOf } from "gridmap/draw_pieces";
import * as shapes from "gridmap/draw_shape";
import { SnapIndex } from "gridmap/draw_snap";
import { contentOf, ground, stateOf } from "gridmap/draw_state";
import { VertexTable } from "gridmap/draw_table";
import { TOOLS } from "gridmap/draw_tools";
import { UnitList } from "gridmap/draw_units";
import { startWhose } from "gridmap/draw_whose";

const L = window.L;
const SNAP_PX = 12;
const MOST_COMPARED = 2000;
const settings = pageData("draw-settings");
const { words, editable } = settings;
const map = window[settings.map];
const byId = (id) => document.getElementById(id);
const line = byId("draw-say");
const saved = byId("draw-saved");
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const say = (...text) => { line.replaceChildren(...text); };
const warn = (text) => { byId("draw-warning").textContent = text; };
const english = document.documentElement.lang.startsWith("en");
const whose = { account: settings.account, draft: settings.draft };
const pieces = editable ? keptPieces({ ...whose, revision: settings.revision, boundary: settings.content.boundary }) : {};
if (pieces.boundary) settings.content.boundary = pieces.boundary;

const history = new History({ ...stateOf(settings.content), ground: ground(settings.revision, settings.content) });
const content = () => contentOf(history.now);
const guards = [];
const watchers = [];
const sketches = {};

const snaps = new SnapIndex(settings.lines);
const snapping = byId("draw-snap");

const editor = new Editor(map, {
  snap: (point, scale, mode) => {
    if (!snapping.checked || sketches[mode]?.free) return null;
    // what is drawn anew meets what is drawn already; while a vertex is dragged that would be looked for in each frame
    return (mode && desk.snapOwn?.(point, scale, SNAP_PX)) || snaps.nearest(point, scale, SNAP_PX);
  },
  snapped: (found) => showSnap(found),
  current: () => history.now.shape,
  selected: (at) => showSelection(at),
  viewed: ({ handles, total }) => {
    byId("draw-thinned").textContent = total > handles.length ? fill(words.thinned, { shown: handles.length, n: total }) : "";
  },
  least: (mode) => sketches[mode]?.least ?? 3,
  sketched: (n, least) => { byId("draw-finish").disabled = n < least; },
  refuses: (shape) => refused(shape),
  isFixed: (at) => {
    const fixed = [at, ...twinsOf(history.now.shape, at)].some((each) => desk.isFixed?.(each));
    if (fixed) say(words.part_locked);
    return fixed;
  },
  changed: (shape, key, crosses) => {
    say(crosses ? words.crosses : "");
    step({ ...history.now, shape }, key);
  },
  drawn: async (points, mode) => {
    showButtons();
    const done = await (sketches[mode] ? sketches[mode].drawn(points) : addRing(points, mode));
    if (done !== false || editor.mode) return;
    editor.start(mode, points); // what could not be is there to be mended or given up
    showButtons();
  },
});
editor.enabled = editable;

const snapMark = L.circleMarker([0, 0], { radius: 9, color: "#f9a825", weight: 3, fill: false, interactive: false, pane: "draw-handles", renderer: L.svg({ pane: "draw-handles" }) });
function showSnap(found) {
  if (!found) {
    snapMark.remove();
    return;
  }
  snapMark.setLatLng([found.point[1], found.point[0]]).addTo(map);
  say(fill(words[`snapped_${found.on}`], { kind: words[`kind_${found.kind}`] ?? "", name: found.name }));
}

/** Say why a shape may not follow the one before, and return whether it may not. */
function refused(shape, before = history.now.shape) {
  const why = guards.map((guard) => guard(shape, before)).find(Boolean);
  if (why) say(why);
  return Boolean(why);
}

const saver = new Saver({
  url: settings.api, token: settings.token, content, ground: () => history.now.ground,
  problem: () => {
    const n = shapes.countVertices(history.now.shape);
    if (n > settings.most_vertices) return fill(words.too_many, { n, most: settings.most_vertices });
    const { shape, sides } = history.now;
    return shape.length || [...sides.values()].includes("in") ? "" : words.nothing_left;
  },
  onkept: (sent, answer) => {
    const { boundary } = sent;
    const inPieces = (boundary?.coordinates.length ?? 0) > answer.parts;
    keepPieces({ ...whose, revision: answer.revision, boundary: inPieces ? boundary : null });
    for (const warning of (english ? answer.warnings : answer.warnings_zh) ?? []) warn(warning);
  },
  shelf: `gridmap-draft:${settings.account}:${settings.draft}`,
  onstate: (state, detail) => {
    saved.dataset.state = state;
    saved.textContent = fill(words[`state_${state}`], { n: saver.revision, why: detail ?? "" });
    if (state === "refused") say(saved.textContent); // the head may be out of sight, the line below the map is not
  },
  onconflict: (problem) => desk.askWhose(problem),
});

/** On a phone the map may be far above the list in which something was chosen. */
function showMap() {
  map.getContainer().scrollIntoView({ block: "nearest" });
}

function place({ lon, lat, name }) {
  showMap();
  map.setView([lat, lon], Math.max(map.getZoom(), 14));
  L.popup({ autoPan: false }).setLatLng([lat, lon]).setContent(h("b", {}, name ?? "")).openOn(map);
}

const impact = new ImpactPanel(map, byId("draw-impact"), { url: `${settings.api}/impact`, token: settings.token, words, content, onplace: place });

const units = new UnitList(map, byId("draw-units"), {
  units: settings.units, words, enabled: editable, onplace: place,
  onchange: (sides) => { step({ ...history.now, sides }); units.setSides(sides); },
});

function inside([lon, lat]) {
  const [west, south, east, north] = settings.envelope;
  const fits = (x, y) => x >= west && x <= east && y >= south && y <= north;
  if (!Number.isFinite(lon) || !Number.isFinite(lat)) return words.no_number;
  return fits(lon, lat) ? "" : fits(lat, lon) ? words.swapped : fill(words.far_away, { west, south, east, north });
}

const table = new VertexTable(byId("draw-vertices"), {
  words, enabled: editable,
  calls: {
    inside,
    select: (at) => editor.select(at, { look: true }),
    type: (at, point) => editor.change(moveTogether(history.now.shape, at, point), { at }),
    nudge: (at, east, north) => {
      const { shape } = history.now;
      const point = shapes.nudge(shapes.vertexOf(shape, at), east, north);
      const wrong = inside(point);
      if (wrong) say(wrong);
      else editor.change(moveTogether(shape, at, point), { at, key: `nudge:${at.part}:${at.ring}:${at.vertex}` });
    },
    remove: (at) => removeVertex(at),
    insert: (at) => insertAfter(at),
  },
});

/** Make a step of the history, and have it saved and judged. */
function step(state, key = null) {
  history.push(state, key);
  changed();
}

function changed() {
  saver.touch();
  impact.touch();
  showButtons();
}

/** Show the state of the history: after undo, redo, or when another's work was taken. */
function showState() {
  editor.setShape(history.now.shape);
  units.setSides(history.now.sides);
  showSelection(editor.selection);
}

function go(way) {
  if (way === "undo" ? !history.canUndo : !history.canRedo) return;
  const { ground: before, shape } = history.now;
  history[way]();
  if (refused(history.now.shape, shape)) {
    history[way === "undo" ? "redo" : "undo"]();
    return;
  }
  if (editor.mode) editor.cancel();
  // another's version lies between: nothing is saved from here before it was asked whose work goes on
  say(history.now.ground === before ? "" : words[`ground_${way}`]);
  showState();
  changed();
}

function showSelection(at) {
  table.show(history.now.shape, at);
  showButtons();
}

function showButtons() {
  const at = editor.selection;
  byId("draw-undo").disabled = !history.canUndo;
  byId("draw-redo").disabled = !history.canRedo;
  for (const id of ["draw-remove-vertex", "draw-insert-vertex", "draw-remove-ring"]) byId(id).disabled = !editable || !at;
  for (const id of ["draw-part", "draw-hole"]) byId(id).setAttribute("aria-pressed", String(editor.mode === id.slice(5)));
  byId("draw-hole").disabled = !editable || history.now.shape.length === 0;
  byId("draw-from-area").hidden = !settings.area || history.now.shape.length > 0;
  byId("draw-sketching").hidden = !editor.mode;
  for (const watcher of watchers) watcher();
}

function removeVertex(at) {
  const shape = deleteTogether(history.now.shape, at);
  if (!shape) say(words.least_three);
  else editor.change(shape, { at: { ...at, vertex: Math.max(0, at.vertex - 1) } });
}

function insertAfter(at) {
  const { shape } = history.now;
  editor.change(insertTogether(shape, at, shapes.middleAfter(shape, at)), { at: { ...at, vertex: at.vertex + 1 } });
}

function removeRing(at) {
  if (editor.change(shapes.removeRing(history.now.shape, at), { at: null })) say(at.ring ? words.hole_removed : words.part_removed);
}

/** Add a ring that was drawn or typed; say why it cannot be. */
function addRing(ring, mode) {
  const { shape } = history.now;
  const next = mode === "part" ? shapes.addPart(shape, ring) : shapes.addHole(shape, ring);
  const n = shapes.countVertices(shape) + ring.length;
  const far = n > settings.most_vertices ? -1 : ring.findIndex((point) => inside(point));
  const wrong = n > settings.most_vertices ? fill(words.too_many, { n, most: settings.most_vertices })
    : far >= 0 ? fill(words.wrong_point, { n: far + 1, why: inside(ring[far]) }) : next ? "" : words.hole_outside;
  showButtons();
  if (wrong) {
    say(wrong);
    return false;
  }
  const part = mode === "part" ? next.length - 1 : next.findIndex((rings, p) => rings !== shape[p]);
  if (!editor.change(next, { at: { part, ring: next[part].length - 1, vertex: 0 } })) return false;
  // of thousands typed the server tells it: comparing all edges with all would stop the page
  say(ring.length <= MOST_COMPARED && shapes.crossesItself(ring) ? words.crosses : words[`${mode}_added`]);
  return true;
}

function startDrawing(mode, byKeyboard = false) {
  if (editor.mode === mode) editor.cancel();
  else editor.start(mode);
  byId("draw-finish").disabled = true;
  const hint = sketches[mode]?.hint ?? words.drawing;
  say(!editor.mode ? "" : byKeyboard ? `${hint} ${words.crosshair_hint}` : hint);
  if (editor.mode) showMap();
  if (editor.mode && byKeyboard) map.getContainer().focus();
  showButtons();
}

function endDrawing(finish) {
  if (!editor.mode) return;
  if (finish && editor.sketch.length < editor.least) say(editor.least > 2 ? words.least_three : words.least_two);
  else if (finish) editor.finish();
  else { editor.cancel(); say(""); }
  showButtons();
}

/** Have the server change the shape, and make a step of it; false, having said why, when it does not. */
async function edit(body) {
  const before = history.now;
  const { boundary } = content();
  let answer;
  try {
    answer = await saver.request("/edit", "POST", { ...body, boundary });
  } catch (error) {
    say(fill(words.not_edited, { why: error instanceof TypeError ? words.no_network : error.message }));
    return false;
  }
  if (history.now !== before) {
    say(words.changed_meanwhile);
    return false;
  }
  return editor.change(shapes.withKept(shapes.fromGeojson(answer.boundary), before.shape), { at: null });
}

const desk = {
  settings, words, map, editor, history, saver, impact, units, snaps, snapping, guards, watchers, sketches,
  byId, fill, say, step, showState, showButtons, inside, place, showMap, startDrawing, edit,
};
startWhose(desk);
startPieces(desk);
startCheck(desk); // also of a draft that can be looked at only
if (editable) for (const start of TOOLS) start(desk);

const on = (id, call) => byId(id).addEventListener("click", call);
on("draw-undo", () => go("undo"));
on("draw-redo", () => go("redo"));
on("draw-save", () => saver.save());
for (const mode of ["part", "hole"]) on(`draw-${mode}`, (event) => startDrawing(mode, event.detail === 0));
on("draw-finish", () => endDrawing(true));
on("draw-cancel", () => endDrawing(false));
on("draw-remove-vertex", () => removeVertex(editor.selection));
on("draw-insert-vertex", () => insertAfter(editor.selection));
on("draw-remove-ring", () => removeRing(editor.selection));
on("draw-from-area", () => editor.change(shapes.fromGeojson(settings.area), { at: null }));
for (const mode of ["part", "hole"]) {
  if (editable) on(`draw-typed-${mode}`, () => {
    const field = byId("draw-typed");
    const { ring, line: wrong } = shapes.parseRing(field.value);
    if (!ring) say(wrong ? fill(words.wrong_line, { n: wrong }) : words.least_three);
    else if (addRing(ring, mode)) field.value = "";
  });
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]), textarea");
  if ((event.ctrlKey || event.metaKey) && !typing && !desk.isAsking()) {
    const key = event.key.toLowerCase();
    const way = key === "z" ? (event.shiftKey ? "redo" : "undo") : key === "y" ? "redo" : null;
    if (way) go(way);
    if (key === "s" && editable) saver.save();
    if (way || key === "s") event.preventDefault();
  } else if (editor.mode && !typing && ["Enter", "Escape"].includes(event.key) && !event.target.matches("button")) {
    endDrawing(event.key === "Enter");
  }
});

if (settings.area) {
  L.geoJSON(settings.area, { interactive: false, style: { color: "#455a64", weight: 1.5, dashArray: "4 4", fill: false }, renderer: L.canvas({ padding: 0.2 }) }).addTo(map);
}
map.getContainer().setAttribute("role", "application");
map.getContainer().setAttribute("aria-label", words.map_label);
saver.onstate("saved");
showState();
const left = editable ? saver.unshelve() : null;
if (left && JSON.stringify(left.content) !== JSON.stringify(content())) {
  // drawn on that one: if somebody has saved since, it will be asked whose goes on
  const own = left.revision === settings.revision ? history.now.ground : ground(left.revision, left.base ?? null);
  step({ ...stateOf(left.content), ground: own });
  showState();
  say(words.restored);
}
if (pieces.gone) say(words.pieces_gone);
else if (editable && settings.area && !left && history.now.shape.length === 0) say(words.by_list);
impact.touch();
window.gridmap.draw = desk;
document.documentElement.dataset.ready = "draw";
