// Saving: by itself some seconds after a change, one request at a time, on the revision it was drawn on. Whatever goes
// wrong, the work stays: on the page, and on this computer until it is saved.
//
// Each state of the history stands on a ground: { revision, base, held, conflict, stopped }, the revision it was drawn
// on and what that drew. States of one ground share the object, so that a save moves them all on. Another's work
// is a ground of its own: undoing past it comes back to the old ground, whose save is refused and asked about again.

import { reason } from "gridmap/dom";

const WAIT_MS = 2000;
const AGAIN_MS = 10_000;

export async function ask(url, method, token, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": token };
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, ok: answer.ok, body: await answer.json().catch(() => null) };
}

export class Saver {
  /**
   * url: of the draft below /api. content(): { boundary, units_in, units_out }. ground(): see above. onstate(state,
   * detail): saved, dirty, saving, offline (tried again by itself), refused (with the server's sentence), conflict
   * (somebody saved since), stopped (the draft is not being drawn any more), held (to be looked at before it is saved).
   * onkept(content, answer): what was sent has been saved. problem(content): why it need not be sent, or "". shelf: localStorage key.
   */
  constructor({ url, token, shelf, content, ground, problem, onkept, onstate, onconflict }) {
    Object.assign(this, { url, token, shelf, content, ground, problem, onkept, onstate, onconflict });
    this.version = 0;
    this.kept = 0;
    this.busy = null;
    this.timer = 0;
    window.addEventListener("pagehide", () => this.shelve());
    window.addEventListener("beforeunload", (event) => { if (this.isDirty) event.preventDefault(); });
    window.addEventListener("online", () => { if (this.isDirty) this.save({ byItself: true }); });
  }

  get isDirty() {
    return this.version !== this.kept;
  }

  get revision() {
    return this.ground().revision;
  }

  /** Return why nothing is saved by itself from this ground, or null. */
  get waits() {
    const { conflict, stopped, held } = this.ground();
    return conflict ? "conflict" : stopped ? "stopped" : held ? "held" : null;
  }

  /** The content has changed. */
  touch() {
    this.version += 1;
    window.clearTimeout(this.timer);
    this.onstate(this.waits ?? "dirty");
    if (!this.waits) this.later(WAIT_MS);
  }

  later(wait) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.save({ byItself: true }), wait);
  }

  /** Save now, once more after a request that is on its way. byItself: nobody asked for it. */
  save({ byItself = false } = {}) {
    window.clearTimeout(this.timer);
    if (byItself && this.waits) return Promise.resolve();
    if (this.busy) return this.busy.then(() => (this.isDirty ? this.save({ byItself }) : null));
    if (!this.isDirty) {
      this.onstate("saved");
      return Promise.resolve();
    }
    const ground = this.ground();
    if (ground.conflict) {
      this.onconflict(ground.conflict);
      return Promise.resolve();
    }
    this.busy = this.send(ground).finally(() => { this.busy = null; });
    return this.busy;
  }

  async send(ground) {
    const sent = this.version;
    const content = this.content();
    const wrong = this.problem(content);
    if (wrong) {
      this.onstate("refused", wrong);
      return;
    }
    this.onstate("saving");
    let answer;
    try {
      answer = await ask(this.url, "PUT", this.token, { revision: ground.revision, ...content });
    } catch {
      answer = { status: 0 };
    }
    if (answer.ok) {
      Object.assign(ground, { revision: answer.body?.revision ?? ground.revision + 1, base: content, held: false, stopped: null });
      this.kept = sent;
      if (answer.body) this.onkept(content, answer.body);
      if (this.isDirty && !this.waits) this.later(WAIT_MS);
      else if (!this.isDirty) this.clear();
      this.onstate(this.isDirty ? this.waits ?? "dirty" : "saved");
      return;
    }
    this.shelve();
    if (answer.status === 409) {
      const problem = answer.body ?? {};
      const state = problem.reason ? "stopped" : "conflict";
      ground[state] = problem;
      this.onstate(state, reason(problem, answer.status));
      this.onconflict(problem);
    } else if (answer.status >= 400 && answer.status < 500) {
      this.onstate("refused", reason(answer.body, answer.status));
    } else {
      this.onstate("offline");
      this.later(AGAIN_MS);
    }
  }

  /** Ask something of the draft that does not change it, or keep something beside it; an Error says why not. */
  async request(path, method, body) {
    const answer = await ask(`${this.url}${path}`, method, this.token, body);
    if (!answer.ok) throw new Error(reason(answer.body, answer.status));
    return answer.body;
  }

  /** Keep mine as a draft of its own and return the server's answer; the content stays what it is. */
  async copy(title) {
    const made = await this.request("/copy", "POST", { title, ...this.content() });
    this.kept = this.version;
    this.clear();
    return made;
  }

  /** What is shown is what stands. */
  settle() {
    this.kept = this.version;
    window.clearTimeout(this.timer);
    this.clear();
    this.onstate("saved");
  }

  shelve() {
    if (!this.isDirty) return;
    try {
      window.localStorage.setItem(this.shelf, JSON.stringify({ revision: this.revision, base: this.ground().base, content: this.content() }));
    } catch { /* no room: the page still has it */ }
  }

  clear() {
    try {
      window.localStorage.removeItem(this.shelf);
    } catch { /* nothing was kept */ }
  }

  /** Return { revision, base, content } that an earlier page could not save, or null. */
  unshelve() {
    try {
      return JSON.parse(window.localStorage.getItem(this.shelf));
    } catch {
      return null;
    }
  }
}
