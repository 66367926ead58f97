// The one error of set-up: what failed, why, and what the user does about it.

export class SetupError extends Error {
  /** @param {string} why @param {string} fix @param {{ cause?: unknown }} [options] */
  constructor(why, fix, options) {
    super(why, options);
    this.name = 'SetupError';
    this.fix = fix;
  }
}
