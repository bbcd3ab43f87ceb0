// What waits on this phone, as a page shows it: how each entry stands, and what can be done with it.

import { h } from "gridmap/dom";
import { Outbox } from "gridmap/outbox";

/** The page's list of entries. edit(entry) returns how to change an entry, or null; arrived(entry, told) is told of each. */
export class OutboxView {
  constructor(settings, { edit = () => null, arrived = () => {} } = {}) {
    this.settings = settings;
    this.words = settings.words;
    this.edit = edit;
    this.state = document.getElementById("outbox-state");
    this.list = document.getElementById("outbox-list");
    this.outbox = new Outbox(settings.account, (found, trouble) => this.show(found, trouble), (entry, told) => {
      arrived(entry, told);
      if (told.sentence) this.say(told.sentence);
    });
  }

  say(text) {
    this.state.textContent = text;
  }

  start() {
    this.outbox.flush().catch(() => this.say(this.words.not_kept));
  }

  show(kept, trouble) {
    const { words } = this;
    const found = kept.filter((entry) => entry.state !== "draft"); // what is still being written waits for its form
    const waiting = found.filter((entry) => ["waiting", "sending"].includes(entry.state)).length;
    const asking = found.filter((entry) => ["refused", "confirm"].includes(entry.state)).length;
    const parts = [];
    const offline = !navigator.onLine || trouble === "offline";
    if (waiting) parts.push(words.some_waiting.replace("{n}", waiting));
    if (asking) parts.push(words.some_asking.replace("{n}", asking));
    if (trouble && trouble !== "offline" && waiting) parts.push(words[trouble]);
    if (offline) parts.push(words.offline);
    if (parts.length === 0 && found.length) parts.push(words.all_sent);
    this.say(parts.join(" "));
    if (trouble === "logged_out" && waiting) {
      const next = encodeURIComponent(window.location.pathname + window.location.search);
      this.state.append(" ", h("a", { href: `/login?next=${next}` }, words.log_in));
    }
    const stale = document.getElementById("outbox-stale");
    stale.hidden = !offline;
    stale.textContent = words.stale.replace("{at}", this.settings.at);
    this.list.replaceChildren(...found.map((entry) =>
      h("li", { "data-state": entry.state, "data-id": entry.id },
        h("span", { class: "badge state" }, words[entry.state]), " ",
        h("b", {}, `${words[entry.kind]}${words.colon}${entry.title}`), " ",
        h("span", {}, entry.sentence),
        entry.visit ? h("a", { class: "button", href: `/visits/${encodeURIComponent(entry.visit)}` }, words.open_visit) : null,
        h("span", { class: "do-row" }, this.buttonsOf(entry)))));
  }

  buttonsOf(entry) {
    const { words, outbox } = this;
    const drop = h("button", {
      type: "button",
      onclick: () => { if (window.confirm(words.drop_question)) outbox.drop(entry.id); },
    }, words.drop_button);
    const edit = this.edit(entry);
    const change = edit ? h("button", { type: "button", onclick: edit }, words.edit_button) : null;
    if (entry.state === "confirm") {
      return [h("button", { type: "button", class: "primary", onclick: () => outbox.confirm(entry.id) }, words.confirm_button), change, drop];
    }
    return entry.state === "refused" ? [change, drop] : [];
  }
}
