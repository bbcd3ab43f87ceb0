// The page on which a visit is written: its form, what waits on this phone, and what comes next.

import { h, pageData } from "gridmap/dom";
import * as entries from "gridmap/entries";
import { OutboxView } from "gridmap/outbox_view";
import { keepOffline } from "gridmap/shell";
import { VisitForm } from "gridmap/visit_form";

const settings = pageData("visit-settings");
const { words } = settings;
const form = document.getElementById("visit-form");
const done = document.getElementById("visit-done");

const view = new OutboxView(settings, {
  edit: (entry) => (entry.kind === "visit" ? () => change(entry) : null),
  arrived: (entry, told) => { if (entry.id === visit?.id && told.visit) showDone(entry, told); },
});

const visit = form ? new VisitForm(form, {
  settings,
  send: async (entry) => {
    await view.outbox.add(entry);
    form.hidden = true;
    done.hidden = false;
    done.querySelector("p").textContent = words.saved_visit;
    done.querySelector("h2").focus();
  },
}) : null;

async function change(entry) {
  if (!visit || entry.content.site !== settings.site.id) {
    window.location.href = `/visits/new?site=${encodeURIComponent(entry.content.site)}#${entry.id}`;
    return;
  }
  form.hidden = false;
  done.hidden = true;
  await visit.open(await entries.find(entry.id));
  form.scrollIntoView({ block: "start" });
}

function showDone(entry, told) {
  done.querySelector("p").replaceChildren(
    told.sentence, " ", h("a", { class: "button", href: `/visits/${encodeURIComponent(told.visit)}` }, words.open_visit),
  );
}

/** Return the entry that the address names, or else the one that was begun at this site and not sent. */
async function begun() {
  const named = window.location.hash.slice(1);
  const mine = (await entries.listOf(settings.account)).filter((entry) => entry.kind === "visit" && entry.content.site === settings.site.id);
  return mine.find((entry) => entry.id === named && ["refused", "draft"].includes(entry.state))
    ?? mine.findLast((entry) => entry.state === "draft") ?? null;
}

async function start() {
  if (visit) await visit.open(await begun().catch(() => null));
  view.start();
  document.documentElement.dataset.ready = "visit";
}

document.getElementById("visit-drop")?.addEventListener("click", async () => {
  if (!window.confirm(words.drop_question)) return;
  clearTimeout(visit.timer);
  await entries.forget(visit.id).catch(() => null);
  await visit.open();
  document.getElementById("visit-kept").textContent = "";
});
start();
if (form) keepOffline(settings);
