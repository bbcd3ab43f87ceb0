// The page of a cell: its map, its two forms, what waits on this phone, and the worker that has it readable offline.

import { CellMap } from "gridmap/cell_map";
import { pageData } from "gridmap/dom";
import { find, newId } from "gridmap/entries";
import { OutboxView } from "gridmap/outbox_view";
import { PatrolForm } from "gridmap/patrol_form";
import { ReportForm } from "gridmap/report_form";
import { keepOffline } from "gridmap/shell";

const settings = pageData("cell-settings");
const { words } = settings;
const cellMap = new CellMap(window[settings.map], settings);
const sheets = {};

function editOf(entry) {
  if (entry.kind === "visit") return () => { window.location.href = `/visits/new?site=${encodeURIComponent(entry.content.site)}#${entry.id}`; };
  if (entry.kind !== "report" || !sheets.report) return null;
  return async () => openSheet("report", { entry: await find(entry.id) });
}

const view = new OutboxView(settings, {
  edit: editOf,
  arrived: (entry) => { if (entry.kind === "patrol") cellMap.markPatrolled(entry.content.squares ?? []); },
});
const { outbox } = view;
const say = (text) => view.say(text);

function closeSheet(name) {
  const sheet = sheets[name];
  if (!sheet || sheet.section.hidden) return;
  sheet.section.hidden = true;
  sheet.opener.setAttribute("aria-expanded", "false");
  sheet.form.close();
}

function openSheet(name, values) {
  for (const other of Object.keys(sheets)) if (other !== name) closeSheet(other);
  const sheet = sheets[name];
  sheet.section.hidden = false;
  sheet.opener.setAttribute("aria-expanded", "true");
  sheet.form.open(values);
  sheet.section.querySelector("h2").focus();
  sheet.section.scrollIntoView({ block: "nearest" });
}

function addSheet(name, sectionId, openerId, Form) {
  const section = document.getElementById(sectionId);
  const opener = document.getElementById(openerId);
  if (!section || !opener) return;
  const send = async (entry) => {
    await outbox.add(entry);
    closeSheet(name);
    opener.focus();
  };
  sheets[name] = { section, opener, form: new Form(section, { settings, cellMap, send, say }) };
  opener.addEventListener("click", () => (section.hidden ? openSheet(name) : closeSheet(name)));
  section.querySelector("[data-close]").addEventListener("click", () => { closeSheet(name); opener.focus(); });
  section.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { closeSheet(name); opener.focus(); }
  });
}

addSheet("report", "report", "open-report", ReportForm);
addSheet("patrol", "round", "open-patrol", PatrolForm);

for (const button of document.querySelectorAll("[data-report]")) {
  button.addEventListener("click", () => openSheet("report", { site: button.dataset.report }));
}
for (const button of document.querySelectorAll("[data-patrolled]")) {
  button.addEventListener("click", async () => {
    button.disabled = true; // one tap is one visit; the page opened anew asks again
    const content = { cell: settings.cell, site: button.dataset.patrolled, squares: [], points: [] };
    try {
      await outbox.add({ id: newId(), kind: "patrol", title: button.dataset.name, made_at: new Date().toISOString(), content });
      say(words.patrolled_site.replace("{name}", button.dataset.name));
    } catch {
      button.disabled = false;
      say(words.not_kept);
    }
  });
}

view.start();
keepOffline(settings);
document.documentElement.dataset.ready = "cell";
