// Sends what is kept on this phone, each entry once: the server knows an entry by its id, so that sending again does no harm.

import * as entries from "gridmap/entries";

const GIVE_UP_MS = 120_000;
const AGAIN_MS = [5_000, 15_000, 60_000, 300_000];
const DAY_MS = 86_400_000;
const ADDRESSES = { report: "/cell/reports", patrol: "/cell/patrols", visit: "/visits" };

/** The entries of one account on this phone. changed(entries, trouble) is called after every change. */
export class Outbox {
  constructor(account, changed, arrived = () => {}) {
    this.account = account;
    this.changed = changed;
    this.arrived = arrived;
    this.trouble = null;
    this.sending = null;
    this.failures = 0;
    this.flushing = null;
    window.addEventListener("online", () => this.flush());
    window.addEventListener("offline", () => this.tell());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.flush(); });
  }

  /** Keep an entry and try to send it. Rejects when this phone cannot keep it. */
  async add(entry) {
    await entries.keep({ ...entry, account: this.account, state: "waiting", sentence: "" });
    await this.tell();
    this.flush();
  }

  /** Send an entry after all, its sender having said that he means it. */
  async confirm(id) {
    const entry = await entries.find(id);
    if (entry) await this.add({ ...entry, content: { ...entry.content, confirmed: true } });
  }

  async drop(id) {
    await entries.forget(id);
    await this.tell();
  }

  async tell() {
    const mine = await entries.listOf(this.account);
    this.changed(mine.map((entry) => (entry.id === this.sending ? { ...entry, state: "sending" } : entry)), this.trouble);
  }

  /** Send what waits, oldest first; one flush at a time, in this tab and in all others. */
  flush() {
    this.again = true;
    this.flushing ??= this.flushAll().finally(() => { this.flushing = null; });
    return this.flushing;
  }

  async flushAll() {
    while (this.again) {
      this.again = false;
      clearTimeout(this.timer);
      await (navigator.locks ? navigator.locks.request("gridmap-outbox", () => this.sendAll()) : this.sendAll());
    }
  }

  async sendAll() {
    const waiting = (await entries.listOf(this.account)).filter((entry) => entry.state === "waiting");
    if (waiting.length > 0) {
      const session = await this.session();
      for (const entry of session ? waiting : []) {
        this.sending = entry.id;
        await this.tell();
        const done = await this.send(entry, session);
        this.sending = null;
        if (!done) break;
      }
    } else {
      this.trouble = null;
    }
    await this.tell();
    await this.forgetOld();
  }

  /** Return who is logged in: entries go out only under the account that made them. */
  async session() {
    let answer;
    try {
      answer = await fetch("/cell/session", { cache: "no-store", redirect: "manual", headers: { Accept: "application/json" } });
    } catch {
      return this.fail("offline");
    }
    if (answer.status >= 500) return this.fail("offline");
    if (!answer.ok) return this.fail("logged_out");
    const session = await answer.json().catch(() => null);
    if (!session) return this.fail("logged_out");
    return session.account === this.account ? session : this.fail("other_account");
  }

  fail(trouble) {
    this.trouble = trouble;
    const wait = AGAIN_MS[Math.min(this.failures, AGAIN_MS.length - 1)];
    this.failures += 1;
    this.timer = setTimeout(() => this.flush(), wait);
    return null;
  }

  async send(entry, session) {
    let answer;
    try {
      answer = await fetch(ADDRESSES[entry.kind], {
        method: "POST",
        headers: { "X-CSRF-Token": session.token, Accept: "application/json" },
        body: bodyOf(entry),
        redirect: "manual",
        signal: AbortSignal.timeout?.(GIVE_UP_MS),
      });
    } catch {
      return this.fail("offline");
    }
    const told = await answer.json().catch(() => null);
    // what has no state was not answered by the page that keeps entries: a session that ended, a server that restarts
    if (!told?.state) return this.fail(answer.status === 401 || answer.status === 403 ? "logged_out" : "offline");
    this.failures = 0;
    this.trouble = null;
    const kept = { ...entry, state: told.state, sentence: told.sentence ?? "" };
    if (told.state === "sent") Object.assign(kept, { photos: [], signature: null, sent_at: new Date().toISOString(), visit: told.visit });
    await entries.keep(kept);
    if (told.state === "sent") this.arrived(entry, told);
    return true;
  }

  async forgetOld() {
    for (const entry of await entries.listOf(this.account)) {
      if (entry.state === "sent" && Date.now() - Date.parse(entry.sent_at) > DAY_MS) await entries.forget(entry.id);
    }
  }
}

function bodyOf(entry) {
  const content = JSON.stringify({ ...entry.content, id: entry.id, made_at: entry.made_at, sent_at: new Date().toISOString() });
  if (entry.kind === "patrol") return content;
  const form = new FormData();
  form.append("entry", content);
  for (const photo of entry.photos ?? []) form.append("photo", new Blob([photo.buffer], { type: photo.type }), photo.name);
  if (entry.signature) form.append("signature", new Blob([entry.signature], { type: "image/png" }), "signature.png");
  return form;
}
