// SHA-256 in plain TypeScript (FIPS 180-4): workflow code has no Node built-ins, and ids must repeat on replay.

const primes: number[] = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);

/** First 32 bits of the fractional part. */
const fraction = (x: number): number => Math.floor((x - Math.floor(x)) * 2 ** 32) >>> 0;
const initial = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
const constants = primes.map((p) => fraction(Math.cbrt(p)));

/** The 32 bytes of SHA-256 of a text of ASCII characters; others are refused, they have no single byte. */
export function sha256(text: string): Uint8Array {
  const bytes = paddedBytes(text);
  const state = Uint32Array.from(initial);
  for (let at = 0; at < bytes.length; at += 64) addBlock(state, bytes, at);
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  state.forEach((word, i) => view.setUint32(4 * i, word));
  return out;
}

function paddedBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(64 * Math.ceil((text.length + 9) / 64));
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) throw new RangeError('only ASCII can be hashed here');
    bytes[i] = code;
  }
  bytes[text.length] = 0x80;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, 8 * text.length);
  return bytes;
}

function addBlock(state: Uint32Array, bytes: Uint8Array, at: number): void {
  const words = new Uint32Array(64);
  const view = new DataView(bytes.buffer, at, 64);
  for (let i = 0; i < 16; i++) words[i] = view.getUint32(4 * i);
  for (let i = 16; i < 64; i++) {
    const [a, b] = [word(words, i - 15), word(words, i - 2)];
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
    words[i] = word(words, i - 16) + s0 + word(words, i - 7) + s1;
  }
  let [a, b, c, d, e, f, g, h] = Array.from(state) as Eight;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + (constants[i] ?? 0) + word(words, i);
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) >>> 0, c, b, a, (t1 + t2) >>> 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => {
    state[i] = word(state, i) + value;
  });
}

type Eight = [number, number, number, number, number, number, number, number];

function word(words: Uint32Array, i: number): number {
  return words[i] ?? 0;
}

function rotate(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}
