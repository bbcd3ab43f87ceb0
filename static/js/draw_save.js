// Saving: by itself some seconds after a change, one request at a time, on the revision it was drawn on. Whatever goes
// wrong, the work stays: on the page, and on this computer until it is saved.

const WAIT_MS = 2000;
const AGAIN_MS = 10_000;

async function ask(url, method, token, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": token };
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, ok: answer.ok, body: await answer.json().catch(() => null) };
}

export class Saver {
  /**
   * url: of the draft below /api. content(): { boundary, units_in, units_out }. onstate(state, detail): saved, dirty,
   * saving, offline (tried again by itself), refused (with the server's sentence), conflict. shelf: localStorage key.
   */
  constructor({ url, token, revision, shelf, content, onstate, onconflict }) {
    Object.assign(this, { url, token, revision, shelf, content, onstate, onconflict });
    this.version = 0;
    this.kept = 0;
    this.conflict = null;
    this.busy = null;
    this.timer = 0;
    window.addEventListener("pagehide", () => this.shelve());
    window.addEventListener("beforeunload", (event) => { if (this.isDirty) event.preventDefault(); });
    window.addEventListener("online", () => { if (this.isDirty) this.save(); });
  }

  get isDirty() {
    return this.version !== this.kept;
  }

  /** The content has changed. */
  touch() {
    this.version += 1;
    if (this.conflict) return; // first it must be said whose work goes on
    this.onstate("dirty");
    this.later(WAIT_MS);
  }

  later(wait) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.save(), wait);
  }

  /** Save now, once more after a request that is on its way. */
  save() {
    window.clearTimeout(this.timer);
    if (this.conflict) {
      this.onconflict(this.conflict);
      return Promise.resolve();
    }
    if (this.busy) return this.busy.then(() => (this.isDirty ? this.save() : null));
    if (!this.isDirty) {
      this.onstate("saved");
      return Promise.resolve();
    }
    this.busy = this.send().finally(() => { this.busy = null; });
    return this.busy;
  }

  async send() {
    const sent = this.version;
    this.onstate("saving");
    let answer;
    try {
      answer = await ask(this.url, "PUT", this.token, { revision: this.revision, ...this.content() });
    } catch {
      answer = { status: 0 };
    }
    if (answer.ok) {
      this.revision = answer.body?.revision ?? this.revision + 1;
      this.kept = sent;
      if (this.isDirty) this.later(WAIT_MS);
      else this.clear();
      this.onstate(this.isDirty ? "dirty" : "saved");
      return;
    }
    this.shelve();
    if (answer.status === 409) {
      this.conflict = answer.body ?? {};
      this.onstate("conflict", answer.body?.detail);
      this.onconflict(this.conflict);
    } else if (answer.status >= 400 && answer.status < 500) {
      this.onstate("refused", answer.body?.detail ?? answer.body?.title ?? `${answer.status}`);
    } else {
      this.onstate("offline");
      this.later(AGAIN_MS);
    }
  }

  /** Keep mine as a draft of its own and return the server's answer; the content stays what it is. */
  async copy(title) {
    const answer = await ask(`${this.url}/copy`, "POST", this.token, { title, ...this.content() });
    if (!answer.ok) throw new Error(answer.body?.detail ?? answer.body?.title ?? `${answer.status}`);
    this.kept = this.version;
    this.clear();
    return answer.body;
  }

  /** Fetch what stands now, and go on from its revision. */
  async theirs() {
    const answer = await ask(this.url, "GET", this.token);
    if (!answer.ok) throw new Error(answer.body?.detail ?? answer.body?.title ?? `${answer.status}`);
    this.conflict = null;
    this.revision = answer.body.revision;
    return answer.body;
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
      window.localStorage.setItem(this.shelf, JSON.stringify({ revision: this.revision, content: this.content() }));
    } catch { /* no room: the page still has it */ }
  }

  clear() {
    try {
      window.localStorage.removeItem(this.shelf);
    } catch { /* nothing was kept */ }
  }

  /** Return { revision, content } that an earlier page could not save, or null. */
  unshelve() {
    try {
      return JSON.parse(window.localStorage.getItem(this.shelf));
    } catch {
      return null;
    }
  }
}
