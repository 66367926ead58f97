// Which elements dropout keeps, as a function of (seed, index): the native kernels' in plain TypeScript.

/**
 * A function of the index that gives 0 or the scale 1/(1 − rate), rate rounded to a multiple of 2⁻²⁴:
 *
 *     key₀ = mix(seed), key₁ = mix(seed + 0x9e3779b9)
 *     h = index ^ key₀;  h ^= h >>> 16;  h *= 0x7feb352d;
 *     h = (h ^ h >>> 15) + key₁;  h *= 0x846ca68b;  h ^= h >>> 16
 *     dropped iff (h >>> 8) < round(rate · 2²⁴)
 *
 * with all arithmetic modulo 2³² and mix(x) the same without keys.
 */
export function createDropoutMask(seed: number, rate: number): (index: number) => number {
  const threshold = Math.round(rate * unit);
  const scale = Math.fround(unit / (unit - threshold));
  const first = mix(seed);
  const second = mix(seed + 0x9e3779b9);
  return (index) => {
    let h = index ^ first;
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = Math.imul((h ^ (h >>> 15)) + second, 0x846ca68b);
    h ^= h >>> 16;
    return h >>> 8 < threshold ? 0 : scale;
  };
}

const unit = 2 ** 24;

function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
