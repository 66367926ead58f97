// Random numbers as a function of (seed, index): order, initialisation and dropout each have their own stream.

/** Purposes that draw from one seed without sharing a stream. */
export const streams = { order: 1, initialisation: 2, dropout: 3, calibration: 4, requests: 5 };

/** Mixes up to three integers into 32 bits (murmur3 finaliser after each). */
export function mix(a: number, b: number, c = 0): number {
  return finalise(finalise(finalise(a) ^ (b + 0x9e3779b9)) ^ (c + 0x85ebca6b)) >>> 0;
}

function finalise(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A generator of 32-bit words (sfc32, 128 bits of state), seeded from (seed, index). */
export function randomWords(seed: number, index: number): () => number {
  let a = mix(seed, index, 1) | 0;
  let b = mix(seed, index, 2) | 0;
  let c = mix(seed, index, 3) | 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** Uniform numbers in [0, 1). */
export function randomNumbers(seed: number, index: number): () => number {
  const next = randomWords(seed, index);
  return () => next() / 2 ** 32;
}

/** Normal numbers with deviation 1 (Box–Muller). */
export function randomNormals(seed: number, index: number): () => number {
  const next = randomNumbers(seed, index);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** 0…count−1 in random order (Fisher–Yates). */
export function permutation(count: number, seed: number, index: number): number[] {
  const next = randomNumbers(seed, index);
  const order = Array.from({ length: count }, (_, position) => position);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
