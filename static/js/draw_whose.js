// When a save was refused: what really happened, and whose work goes on. Mine as a copy, theirs, or both where their
// parts don't touch; whatever is chosen, the other stays one step back in the history.

import { h } from "gridmap/dom";
import { keepPieces } from "gridmap/draw_pieces";
import { ground, stateOf } from "gridmap/draw_state";

/** desk: see draw_page.js. */
export function startWhose(desk) {
  const { words, saver, byId, fill } = desk;
  const dialog = byId("draw-whose");
  const wrong = byId("draw-whose-wrong");
  const choices = byId("draw-conflicts");
  let answer = null; // of the last try to merge
  let chosen = {};

  /** problem: the server's report; with a reason the draft cannot be saved by anybody, else somebody has saved since. */
  function ask(problem) {
    const stopped = Boolean(problem.reason);
    byId("draw-whose-title").textContent = stopped ? words.whose_stopped : words.whose_saved;
    byId("draw-whose-why").textContent = stopped
      ? fill(words.why_stopped, { state: words[`state_of_${problem.state}`] ?? problem.state ?? "" })
      : fill(words.why_saved, { mine: problem.mine ?? saver.revision, theirs: problem.theirs ?? "?" });
    byId("draw-theirs").hidden = stopped;
    byId("draw-merge").hidden = stopped || !saver.ground().base;
    wrong.textContent = "";
    answer = null;
    chosen = {};
    showConflicts();
    if (!dialog.open) dialog.showModal();
  }

  async function settle(task) {
    const buttons = dialog.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    wrong.textContent = "";
    try {
      await task();
    } catch (error) {
      wrong.textContent = fill(words.not_settled, { why: error instanceof TypeError ? words.no_network : error.message });
    } finally {
      for (const button of buttons) button.disabled = false;
      byId("draw-merge").disabled = Boolean(answer) && answer.conflicts.some(({ id }) => !chosen[id]);
    }
  }

  async function keepAsCopy() {
    const { boundary } = saver.content();
    const made = await saver.copy(fill(words.copy_title, { title: desk.settings.title }));
    keepPieces({ account: desk.settings.account, draft: made.id, revision: made.revision, boundary }); // of a cut, if there was one
    dialog.close();
    window.location.assign(`/drafts/${made.id}/draw`);
  }

  /** Go on from what stands; mine stays in the history, one step back and on its own ground. */
  async function takeTheirs() {
    const theirs = await saver.request("", "GET");
    desk.history.push({ ...stateOf(theirs), ground: ground(theirs.revision, theirs) });
    saver.settle();
    dialog.close();
    desk.showState();
    desk.impact.touch();
    desk.say(words.theirs_taken);
  }

  /** Have the server put both together; what both changed is listed, and chosen one by one. */
  async function merge() {
    const mine = saver.content();
    const asked = { base: saver.ground().base, ...mine, choices: chosen, revision: answer?.revision };
    const found = await saver.request("/merge", "POST", asked);
    if (answer && found.revision !== answer.revision) {
      chosen = {};
      wrong.textContent = words.saved_again;
    }
    answer = found;
    showConflicts();
    if (found.conflicts.length) return;
    desk.history.push({ ...stateOf(found), ground: ground(found.revision, found.theirs, { held: true }) });
    dialog.close();
    saver.touch();
    desk.showState();
    desk.impact.touch();
    desk.say(fill(words.merged, { mine: found.from_mine, theirs: found.from_theirs }));
  }

  function showConflicts() {
    const conflicts = answer?.conflicts ?? [];
    byId("draw-merge").textContent = conflicts.length ? words.merge_chosen : words.merge_disjoint;
    byId("draw-conflicts-note").hidden = conflicts.length === 0;
    choices.replaceChildren(...conflicts.map((conflict) => row(conflict)));
  }

  function row({ id, what, lon, lat, codes }) {
    const names = (codes ?? []).map((code) => desk.units.names.get(code) ?? code).join("、");
    const near = what === "part" ? desk.units.nearest([lon, lat]) : null;
    const label = what !== "part" ? fill(words.conflict_unit, { name: names })
      : fill(near ? words.conflict_part_near : words.conflict_part, { lon: lon.toFixed(4), lat: lat.toFixed(4), name: near?.name });
    const option = (side) => h("label", { class: "check" },
      h("input", {
        type: "radio", name: `draw-conflict-${id}`, value: side, checked: chosen[id] === side,
        onchange: () => { chosen[id] = side; byId("draw-merge").disabled = answer.conflicts.some((other) => !chosen[other.id]); },
      }), words[`choose_${side}`]);
    return h("li", {}, h("fieldset", {}, h("legend", {}, label), option("mine"), option("theirs")));
  }

  const on = (id, call) => byId(id).addEventListener("click", call);
  on("draw-copy", () => settle(keepAsCopy));
  on("draw-theirs", () => settle(takeTheirs));
  on("draw-merge", () => settle(merge));
  on("draw-later", () => dialog.close());
  desk.askWhose = ask;
  desk.isAsking = () => dialog.open;
}
