// GLUE's metrics over typed arrays, as scikit-learn and SciPy define them. A metric that the data do
// not define (no rows, no variance) is null, never 0; Matthews' correlation is 0 by its definition there.

/** Index of the largest logit of each row; the first of equal ones. */
export function predictClasses(logits: Float32Array, classes: number): Int32Array {
  const predicted = new Int32Array(logits.length / classes);
  for (let row = 0; row < predicted.length; row++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (logits[row * classes + c]! > logits[row * classes + best]!) best = c;
    }
    predicted[row] = best;
  }
  return predicted;
}

export function accuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  if (labels.length === 0) return null;
  let right = 0;
  for (let index = 0; index < labels.length; index++) {
    if (predicted[index] === labels[index]) right++;
  }
  return right / labels.length;
}

interface Counts {
  truePositive: number;
  falsePositive: number;
  falseNegative: number;
  trueNegative: number;
}

/** Class 1 is positive. */
function countBinary(predicted: ArrayLike<number>, labels: ArrayLike<number>): Counts {
  const counts = { truePositive: 0, falsePositive: 0, falseNegative: 0, trueNegative: 0 };
  for (let index = 0; index < labels.length; index++) {
    const says = predicted[index] === 1;
    const is = labels[index] === 1;
    if (says && is) counts.truePositive++;
    else if (says) counts.falsePositive++;
    else if (is) counts.falseNegative++;
    else counts.trueNegative++;
  }
  return counts;
}

/** F1 of class 1; null where neither prediction nor label has it. */
export function binaryF1(predicted: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const { truePositive, falsePositive, falseNegative } = countBinary(predicted, labels);
  const total = 2 * truePositive + falsePositive + falseNegative;
  return total === 0 ? null : (2 * truePositive) / total;
}

/** Matthews' correlation for two classes; 0 where a row or column of the table is empty, as scikit-learn has it. */
export function matthews(predicted: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  if (labels.length === 0) return null;
  const {
    truePositive: a,
    falsePositive: b,
    falseNegative: c,
    trueNegative: d,
  } = countBinary(predicted, labels);
  const product = (a + b) * (a + c) * (d + b) * (d + c);
  return product === 0 ? 0 : (a * d - b * c) / Math.sqrt(product);
}

export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const n = x.length;
  if (n < 2) return null;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let index = 0; index < n; index++) {
    const dx = x[index]! - meanX;
    const dy = y[index]! - meanY;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}

/** Pearson's correlation of ranks; equal values share the mean of their ranks. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  return pearson(ranks(x), ranks(y));
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum / values.length;
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, index) => index);
  order.sort((a, b) => values[a]! - values[b]!);
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let at = from; at < to; at++) result[order[at]!] = (from + to + 1) / 2;
    from = to;
  }
  return result;
}
