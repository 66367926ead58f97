// What set-up prints: one line per step, redrawn on a terminal.

const clearLine = '\r\u001b[2K';

/** A line per step on stderr, so that stdout stays for results. @param {{ isTerminal: boolean, write?: (text: string) => void }} options */
export function createReporter({ isTerminal, write = (text) => void process.stderr.write(text) }) {
  return {
    /** @param {string} text */
    line(text) {
      write(`${isTerminal ? clearLine : ''}${text}\n`);
    },
    /** @param {string} head `[2/9] Node 22.23.3` */
    step(head) {
      const startedAt = Date.now();
      let rate = createRate(startedAt);
      /** @param {string} detail */
      const draw = (detail) => {
        const text = `${head}  ${detail}`;
        write(isTerminal ? `${clearLine}${text}` : `${text}\n`);
      };
      return {
        note: draw,
        /** @param {number} done @param {number} total @param {string} unit */
        show(done, total, unit) {
          draw(progressText(done, total, unit, rate(done, Date.now())));
        },
        /** @param {string} detail */
        end(detail) {
          const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
          write(`${isTerminal ? clearLine : ''}${head}  ${detail} (${seconds} s)\n`);
        },
      };
    },
  };
}

/** @param {number} startedAt @returns {(done: number, now: number) => number} units per second since the start */
export function createRate(startedAt) {
  return (done, now) => (now > startedAt ? (done * 1000) / (now - startedAt) : 0);
}

/** `▇▇▇▇░░░░ 52/207 MB  21 MB/s  7 s left`
 * @param {number} done @param {number} total @param {string} unit @param {number} perSecond */
export function progressText(done, total, unit, perSecond) {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const width = 20;
  const full = Math.round(share * width);
  const bar = '█'.repeat(full) + '░'.repeat(width - full);
  const parts = [`${bar} ${Math.min(done, total).toFixed(0)}/${total.toFixed(0)} ${unit}`];
  if (perSecond > 0) {
    parts.push(`${perSecond.toFixed(perSecond < 10 ? 1 : 0)} ${unit}/s`);
    if (done < total) parts.push(`${Math.ceil((total - done) / perSecond)} s left`);
  }
  return parts.join('  ');
}
