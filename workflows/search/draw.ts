// Randomness as a function of (seed, index): the same draw on every machine, in any order.

/** A number in [0, 1) with 32 random bits for draw `index` of `seed`; neighbours are unrelated. */
export function draw(seed: number, index: number): number {
  let h = mix(seed >>> 0);
  h = mix(h ^ (index >>> 0));
  h = mix(h ^ (Math.floor(index / 2 ** 32) >>> 0));
  return h / 2 ** 32;
}

/** Finaliser of MurmurHash3 over a golden-ratio step, so that 0 does not stay 0. */
function mix(value: number): number {
  let h = (value + 0x9e3779b9) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
