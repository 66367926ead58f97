// Inhibitor attention of single heads over typed arrays: the arithmetic of the JavaScript kernel.
// Shapes: n = real tokens, m = keys that scores are centred over (n, or N with padding), d = features.
// Loops are blocked by 8 (4) features kept in registers; features are padded with zeros to a multiple of 8.

/** One layer's call: all arrays may lie on shared memory, so that threads take items each. */
export interface InhibitorJob {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  readonly features: number;
  readonly centerOverAll: boolean;
  readonly divideByKeys: boolean;
  readonly qkGradient: 'sign' | 'clamp' | 'difference';
  readonly alpha: number;
  readonly gamma: number;
  /** (heads) or (1) */
  readonly beta: Float32Array;
  readonly lengths: Int32Array;
  /** (B·N, 3·hidden) */
  readonly projected: Float32Array;
  /** (B·N, hidden); forward writes it. */
  readonly context: Float32Array;
  /** (B, h, N, N) distances kept for the gradient; empty when none is asked for. */
  readonly distances: Float32Array;
}

export interface InhibitorGradientJob extends InhibitorJob {
  /** (B·N, hidden) */
  readonly contextGradient: Float32Array;
  /** (B·N, 3·hidden); zero at the start. */
  readonly projectedGradient: Float32Array;
  /** (B·h, 3): ∂α, ∂β, ∂γ of each item, summed in order by the caller. */
  readonly scalarGradients: Float64Array;
}

interface Scratch {
  q: Float64Array; // (N, d)
  k: Float64Array; // (N, d)
  v: Float64Array; // (N, d)
  g: Float64Array; // (N, d)
  dk: Float64Array; // (N, d)
  dv: Float64Array; // (N, d)
  sign: Float64Array; // (N, d): sign of v
  valueBits: Int32Array; // (N, d): bits of abs(v) as f32, ordered as the numbers are
  row: Float64Array; // (N): one row of distances
  z: Float32Array; // (N): one row of scores
  zBits: Int32Array; // (N): their bits
  gz: Float64Array; // (N): one row of score gradients
}

let scratch: Scratch | null = null;

function getScratch(tokens: number, width: number): Scratch {
  const size = tokens * width;
  // Both sizes count: rows are as long as there are tokens, matrices as their product with the width.
  if (scratch?.z.length === tokens && scratch.q.length === size) return scratch;
  const matrix = (): Float64Array => new Float64Array(size);
  const z = new Float32Array(tokens);
  scratch = {
    q: matrix(),
    k: matrix(),
    v: matrix(),
    g: matrix(),
    dk: matrix(),
    dv: matrix(),
    sign: matrix(),
    valueBits: new Int32Array(size),
    row: new Float64Array(tokens),
    z,
    zBits: new Int32Array(z.buffer),
    gz: new Float64Array(tokens),
  };
  return scratch;
}

/** Forward of items from…to (item = sequence · heads + head). */
export function inhibitorForward(job: InhibitorJob, from: number, to: number): void {
  const { tokens, heads, features, lengths, projected, context, distances } = job;
  const width = Math.ceil(features / 8) * 8;
  const hidden = heads * features;
  const s = getScratch(tokens, width);
  const keep = distances.length > 0;
  for (let item = from; item < to; item++) {
    const sequence = Math.floor(item / heads);
    const head = item % heads;
    const n = lengths[sequence]!;
    const m = job.centerOverAll ? tokens : n;
    const start = sequence * tokens * 3 * hidden + head * features;
    load(s.q, projected, start, 3 * hidden, n, features, width);
    load(s.k, projected, start + hidden, 3 * hidden, m, features, width);
    load(s.v, projected, start + 2 * hidden, 3 * hidden, n, features, width);
    const factor = betaOf(job, head) / (job.divideByKeys ? n : 1);
    for (let i = 0; i < n; i++) {
      distanceRow(s, i, m, width);
      if (keep) distances.set(s.row.subarray(0, m), (item * tokens + i) * tokens);
      scoreRow(s, job, m);
      inhibitRow(s, n, width);
      const out = (sequence * tokens + i) * hidden + head * features;
      for (let x = 0; x < features; x++) context[out + x] = factor * s.g[x]!;
    }
  }
}

/** Gradient of items from…to; needs the distances that forward kept. */
export function inhibitorGradient(job: InhibitorGradientJob, from: number, to: number): void {
  const { tokens, heads, features, lengths, projected, distances } = job;
  const width = Math.ceil(features / 8) * 8;
  const hidden = heads * features;
  const slope = job.gamma / Math.sqrt(features);
  const s = getScratch(tokens, width);
  for (let item = from; item < to; item++) {
    const sequence = Math.floor(item / heads);
    const head = item % heads;
    const n = lengths[sequence]!;
    const m = job.centerOverAll ? tokens : n;
    const start = sequence * tokens * 3 * hidden + head * features;
    load(s.q, projected, start, 3 * hidden, n, features, width);
    load(s.k, projected, start + hidden, 3 * hidden, m, features, width);
    load(s.v, projected, start + 2 * hidden, 3 * hidden, n, features, width);
    const first = sequence * tokens * hidden + head * features;
    load(s.g, job.contextGradient, first, hidden, n, features, width);
    splitValues(s, n * width);
    s.dk.fill(0, 0, m * width);
    s.dv.fill(0, 0, n * width);
    const beta = betaOf(job, head);
    const divisor = job.divideByKeys ? n : 1;
    let [dAlpha, dBeta, dGamma] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const at = (item * tokens + i) * tokens;
      for (let j = 0; j < m; j++) s.row[j] = distances[at + j]!;
      scoreRow(s, job, m);
      valueGradientRow(s, i, n, width, divisor);
      let sum = 0;
      for (let j = 0; j < n; j++) {
        const unscaled = s.gz[j]!;
        dBeta += s.z[j]! * unscaled;
        const g = s.z[j]! > 0 ? beta * unscaled : 0;
        s.gz[j] = g;
        sum += g;
      }
      dAlpha += sum;
      const mean = sum / m;
      for (let j = n; j < m; j++) s.gz[j] = 0;
      for (let j = 0; j < m; j++) {
        const g = s.gz[j]! - mean;
        dGamma += g * s.row[j]!;
        s.gz[j] = g * slope;
      }
      if (job.qkGradient === 'sign') signRow(s, i, m, width);
      else if (job.qkGradient === 'clamp') clampRow(s, i, m, width);
      else differenceRow(s, i, m, width);
      // q's gradient takes the place of g's row, which is not needed any more.
    }
    for (let x = 0; x < n * width; x++) {
      dBeta += s.dv[x]! * s.v[x]!;
      s.dv[x] = s.dv[x]! * beta;
    }
    store(s.g, job.projectedGradient, start, 3 * hidden, n, features, width);
    store(s.dk, job.projectedGradient, start + hidden, 3 * hidden, m, features, width);
    store(s.dv, job.projectedGradient, start + 2 * hidden, 3 * hidden, n, features, width);
    job.scalarGradients[item * 3] = dAlpha;
    job.scalarGradients[item * 3 + 1] = dBeta;
    job.scalarGradients[item * 3 + 2] = dGamma / Math.sqrt(features);
  }
}

function betaOf({ beta }: InhibitorJob, head: number): number {
  return beta[beta.length === 1 ? 0 : head]!;
}

/** Copies (rows, features) with a stride into a dense f64 block of `width` columns. */
function load(
  to: Float64Array,
  from: Float32Array,
  start: number,
  stride: number,
  rows: number,
  features: number,
  width: number,
): void {
  for (let row = 0; row < rows; row++) {
    const a = row * width;
    const b = start + row * stride;
    for (let x = 0; x < features; x++) to[a + x] = from[b + x]!;
    for (let x = features; x < width; x++) to[a + x] = 0;
  }
}

function store(
  from: Float64Array,
  to: Float32Array,
  start: number,
  stride: number,
  rows: number,
  features: number,
  width: number,
): void {
  for (let row = 0; row < rows; row++) {
    const a = row * width;
    const b = start + row * stride;
    for (let x = 0; x < features; x++) to[b + x] = from[a + x]!;
  }
}

/** row[j] = Σ abs(q_i − k_j) */
function distanceRow({ q, k, row }: Scratch, i: number, m: number, width: number): void {
  row.fill(0, 0, m);
  for (let x = 0; x < width; x += 8) {
    const o = i * width + x;
    const [q0, q1, q2, q3] = [q[o]!, q[o + 1]!, q[o + 2]!, q[o + 3]!];
    const [q4, q5, q6, q7] = [q[o + 4]!, q[o + 5]!, q[o + 6]!, q[o + 7]!];
    for (let j = 0, p = x; j < m; j++, p += width) {
      row[j] =
        row[j]! +
        (Math.abs(q0 - k[p]!) +
          Math.abs(q1 - k[p + 1]!) +
          Math.abs(q2 - k[p + 2]!) +
          Math.abs(q3 - k[p + 3]!)) +
        (Math.abs(q4 - k[p + 4]!) +
          Math.abs(q5 - k[p + 5]!) +
          Math.abs(q6 - k[p + 6]!) +
          Math.abs(q7 - k[p + 7]!));
    }
  }
}

/** z[j] = max(γ/√d·(row[j] − mean) + α, 0), of distances rounded to f32 so that both passes agree. */
function scoreRow({ row, z }: Scratch, job: InhibitorJob, m: number): void {
  let sum = 0;
  for (let j = 0; j < m; j++) {
    const distance = Math.fround(row[j]!);
    row[j] = distance;
    sum += distance;
  }
  const mean = sum / m;
  const slope = job.gamma / Math.sqrt(job.features);
  for (let j = 0; j < m; j++) {
    const score = slope * (row[j]! - mean) + job.alpha;
    z[j] = score > 0 ? score : 0;
  }
}

/** g[0…d) = Σ_j v − clamp(v, −z, z), where clamp(v, −z, z) = (abs(v + z) − abs(v − z)) / 2: no branches. */
function inhibitRow({ v, z, g }: Scratch, n: number, width: number): void {
  for (let x = 0; x < width; x += 4) {
    let [a, b, c, e] = [0, 0, 0, 0];
    for (let j = 0, p = x; j < n; j++, p += width) {
      const t = z[j]!;
      const [v0, v1, v2, v3] = [v[p]!, v[p + 1]!, v[p + 2]!, v[p + 3]!];
      a += v0 - 0.5 * (Math.abs(v0 + t) - Math.abs(v0 - t));
      b += v1 - 0.5 * (Math.abs(v1 + t) - Math.abs(v1 - t));
      c += v2 - 0.5 * (Math.abs(v2 + t) - Math.abs(v2 - t));
      e += v3 - 0.5 * (Math.abs(v3 + t) - Math.abs(v3 - t));
    }
    g[x] = a;
    g[x + 1] = b;
    g[x + 2] = c;
    g[x + 3] = e;
  }
}

const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);

function splitValues({ v, sign, valueBits }: Scratch, count: number): void {
  for (let x = 0; x < count; x++) {
    const value = v[x]!;
    sign[x] = value > 0 ? 1 : value < 0 ? -1 : 0;
    float[0] = Math.abs(value);
    valueBits[x] = floatBits[0]!;
  }
}

/**
 * Adds g_ik·[abs(v_jk) > z_ij or z_ij = 0] to dv and sets gz[j] = −Σ_k sign(v_jk) of the same.
 * Positive floats compare as their bits do, and (a − b) >> 31 is −1 or 0: no branches to mispredict.
 */
function valueGradientRow(
  { g, dv, sign, valueBits, z, zBits, gz }: Scratch,
  i: number,
  n: number,
  width: number,
  divisor: number,
): void {
  const row = i * width;
  for (let x = 0; x < width; x++) g[row + x] = g[row + x]! / divisor;
  for (let j = 0; j < n; j++) {
    const bits = z[j]! > 0 ? zBits[j]! : -1;
    let [a, b] = [0, 0];
    for (let x = 0; x < width; x += 2) {
      const o = j * width + x;
      const t0 = g[row + x]! * ((bits - valueBits[o]!) >> 31);
      const t1 = g[row + x + 1]! * ((bits - valueBits[o + 1]!) >> 31);
      dv[o] = dv[o]! - t0;
      dv[o + 1] = dv[o + 1]! - t1;
      a += t0 * sign[o]!;
      b += t1 * sign[o + 1]!;
    }
    gz[j] = a + b;
  }
}

/** dq_ik = Σ_j gz·sign(q − k); dk the negative. x/(abs(x) + tiny) is ±1 or 0 exactly, without a branch. */
function signRow({ q, k, g, dk, gz }: Scratch, i: number, m: number, width: number): void {
  for (let x = 0; x < width; x += 2) {
    const o = i * width + x;
    const [q0, q1] = [q[o]!, q[o + 1]!];
    let [a, b] = [0, 0];
    for (let j = 0, p = x; j < m; j++, p += width) {
      const d0 = q0 - k[p]!;
      const d1 = q1 - k[p + 1]!;
      const t0 = gz[j]! * (d0 / (Math.abs(d0) + 1e-300));
      const t1 = gz[j]! * (d1 / (Math.abs(d1) + 1e-300));
      a += t0;
      b += t1;
      dk[p] = dk[p]! - t0;
      dk[p + 1] = dk[p + 1]! - t1;
    }
    g[o] = a;
    g[o + 1] = b;
  }
}

function clampRow({ q, k, g, dk, gz }: Scratch, i: number, m: number, width: number): void {
  for (let x = 0; x < width; x++) {
    const q0 = q[i * width + x]!;
    let sum = 0;
    for (let j = 0, p = x; j < m; j++, p += width) {
      const t = gz[j]! * 0.5 * (Math.abs(q0 - k[p]! + 1) - Math.abs(q0 - k[p]! - 1));
      sum += t;
      dk[p] = dk[p]! - t;
    }
    g[i * width + x] = sum;
  }
}

function differenceRow({ q, k, g, dk, gz }: Scratch, i: number, m: number, width: number): void {
  for (let x = 0; x < width; x++) {
    const q0 = q[i * width + x]!;
    let sum = 0;
    for (let j = 0, p = x; j < m; j++, p += width) {
      const t = gz[j]! * (q0 - k[p]!);
      sum += t;
      dk[p] = dk[p]! - t;
    }
    g[i * width + x] = sum;
  }
}
