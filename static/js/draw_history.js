// What was drawn, step by step: back to the first step and forth again. States are never changed, only replaced.

const ONE_STEP_MS = 1000;

export class History {
  constructor(first) {
    this.steps = [{ state: first, key: null, at: 0 }];
    this.index = 0;
  }

  get now() {
    return this.steps[this.index].state;
  }

  get canUndo() {
    return this.index > 0;
  }

  get canRedo() {
    return this.index < this.steps.length - 1;
  }

  /**
   * Add a step; what was undone before it is gone. key: steps of one key that follow each other within a second
   * (arrow keys held down) are one step.
   */
  push(state, key = null, at = performance.now()) {
    const last = this.steps[this.index];
    const goesOn = key !== null && last.key === key && at - last.at < ONE_STEP_MS && this.index > 0;
    this.steps.length = this.index + (goesOn ? 0 : 1);
    this.steps.push({ state, key, at });
    this.index = this.steps.length - 1;
  }

  undo() {
    if (this.canUndo) this.index -= 1;
    return this.now;
  }

  redo() {
    if (this.canRedo) this.index += 1;
    return this.now;
  }
}
