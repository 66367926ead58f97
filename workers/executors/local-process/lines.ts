// Cuts a growing byte stream into lines of bounded length.

const newline = 0x0a;

export interface LineCutter {
  /** The whole lines that end in this chunk, without their newline. */
  push(chunk: Uint8Array): string[];
  /** Lines left out because they were longer than the bound. */
  overlong(): number;
  /** True if bytes without a newline are left: the last line was torn. */
  isTorn(): boolean;
}

/** Never holds more than `maxBytes` of a line; the rest of a longer one is skipped. */
export function createLineCutter(maxBytes: number): LineCutter {
  let parts: Buffer[] = [];
  let size = 0;
  let skipping = false;
  let overlong = 0;

  function add(piece: Buffer): void {
    if (skipping || piece.length === 0) return;
    size += piece.length;
    if (size > maxBytes) {
      skipping = true;
      overlong += 1;
      parts = [];
    } else {
      parts.push(Buffer.from(piece)); // a copy: the caller uses its buffer again
    }
  }

  return {
    overlong: () => overlong,
    isTorn: () => size > 0 && !skipping,
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const lines: string[] = [];
      let from = 0;
      for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, from)) {
        add(bytes.subarray(from, at));
        if (!skipping) lines.push(Buffer.concat(parts).toString('utf8'));
        parts = [];
        size = 0;
        skipping = false;
        from = at + 1;
      }
      add(bytes.subarray(from));
      return lines;
    },
  };
}
