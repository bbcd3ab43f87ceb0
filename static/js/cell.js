// The page of a cell: its map, its two forms, what waits on this phone, and the worker that has it readable offline.

import { CellMap } from "gridmap/cell_map";
import { h, pageData } from "gridmap/dom";
import { find, newId } from "gridmap/entries";
import { Outbox } from "gridmap/outbox";
import { PatrolForm } from "gridmap/patrol_form";
import { ReportForm } from "gridmap/report_form";

const settings = pageData("cell-settings");
const { words } = settings;
const state = document.getElementById("outbox-state");
const list = document.getElementById("outbox-list");
const cellMap = new CellMap(window[settings.map], settings);
const sheets = {};

function say(text) {
  state.textContent = text;
}

function buttonsOf(entry) {
  const drop = h("button", {
    type: "button",
    onclick: () => { if (window.confirm(words.drop_question)) outbox.drop(entry.id); },
  }, words.drop_button);
  if (entry.state === "confirm") {
    return [h("button", { type: "button", class: "primary", onclick: () => outbox.confirm(entry.id) }, words.confirm_button), editOf(entry), drop];
  }
  return entry.state === "refused" ? [editOf(entry), drop] : [];
}

function editOf(entry) {
  if (entry.kind !== "report" || !sheets.report) return null;
  return h("button", { type: "button", onclick: async () => openSheet("report", { entry: await find(entry.id) }) }, words.edit_button);
}

function showOutbox(found, trouble) {
  const waiting = found.filter((entry) => ["waiting", "sending"].includes(entry.state)).length;
  const asking = found.filter((entry) => ["refused", "confirm"].includes(entry.state)).length;
  const parts = [];
  const offline = !navigator.onLine || trouble === "offline";
  if (waiting) parts.push(words.some_waiting.replace("{n}", waiting));
  if (asking) parts.push(words.some_asking.replace("{n}", asking));
  if (trouble && trouble !== "offline" && waiting) parts.push(words[trouble]);
  if (offline) parts.push(words.offline);
  if (parts.length === 0 && found.length) parts.push(words.all_sent);
  say(parts.join(" "));
  if (trouble === "logged_out" && waiting) {
    state.append(" ", h("a", { href: `/login?next=${encodeURIComponent(window.location.pathname)}` }, words.log_in));
  }
  const stale = document.getElementById("outbox-stale");
  stale.hidden = !offline;
  stale.textContent = words.stale.replace("{at}", settings.at);
  list.replaceChildren(...found.map((entry) =>
    h("li", { "data-state": entry.state, "data-id": entry.id },
      h("span", { class: "badge state" }, words[entry.state]), " ",
      h("b", {}, `${words[entry.kind]}${words.colon}${entry.title}`), " ",
      h("span", {}, entry.sentence), h("span", { class: "do-row" }, buttonsOf(entry)))));
}

const outbox = new Outbox(settings.account, showOutbox, (entry, told) => {
  if (entry.kind === "patrol") cellMap.markPatrolled(entry.content.squares ?? []);
  if (told.sentence) say(told.sentence);
});

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

async function startWorker() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register("/worker.js");
  const { active } = await navigator.serviceWorker.ready;
  const imports = Object.values(JSON.parse(document.querySelector("script[type=importmap]").textContent).imports);
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const files = [...imports.map((path) => new URL(path, window.location.href).href), ...loaded]
    .filter((address) => new URL(address).origin === window.location.origin && address.includes("/static/") && address.includes("?v="));
  active.postMessage({ kind: "shell", files: [...new Set(files)], address: window.location.href.split("#")[0], account: settings.account });
}

outbox.flush().catch(() => say(words.not_kept));
startWorker().catch(() => null); // without it the page still works while there is a network
document.documentElement.dataset.ready = "cell";
