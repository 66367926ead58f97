// Losses over typed arrays: a value and the gradient of the logits. B examples, C classes.

export interface LogitLoss {
  readonly value: number;
  /** (B, C) */
  readonly gradient: Float32Array;
}

/** Mean cross-entropy of logits (B, C) against class indices (B). */
export function crossEntropy(logits: Float32Array, labels: ArrayLike<number>): LogitLoss {
  const batch = labels.length;
  const classes = logits.length / batch;
  const gradient = new Float32Array(logits.length);
  let value = 0;
  for (let row = 0; row < batch; row++) {
    const p = softmax(logits.subarray(row * classes, (row + 1) * classes), 1);
    const label = labels[row]!;
    value -= p.logs[label]! / batch;
    for (let c = 0; c < classes; c++) {
      gradient[row * classes + c] = (p.values[c]! - (c === label ? 1 : 0)) / batch;
    }
  }
  return { value, gradient };
}

/** T²·KL(teacher ‖ student) of softened logits, mean over the batch (Hinton et al., 2015). */
export function distillationLoss(
  student: Float32Array,
  teacher: Float32Array,
  batch: number,
  temperature: number,
): LogitLoss {
  const classes = student.length / batch;
  const gradient = new Float32Array(student.length);
  let value = 0;
  for (let row = 0; row < batch; row++) {
    const from = row * classes;
    const q = softmax(student.subarray(from, from + classes), temperature);
    const p = softmax(teacher.subarray(from, from + classes), temperature);
    for (let c = 0; c < classes; c++) {
      value += (temperature ** 2 * p.values[c]! * (p.logs[c]! - q.logs[c]!)) / batch;
      gradient[from + c] = (temperature * (q.values[c]! - p.values[c]!)) / batch;
    }
  }
  return { value, gradient };
}

/** Mean squared error of predictions (B, C) against targets (B, C). */
export function squaredError(predicted: Float32Array, target: ArrayLike<number>): LogitLoss {
  const gradient = new Float32Array(predicted.length);
  let value = 0;
  for (let index = 0; index < predicted.length; index++) {
    const difference = predicted[index]! - target[index]!;
    value += difference ** 2 / predicted.length;
    gradient[index] = (2 * difference) / predicted.length;
  }
  return { value, gradient };
}

/** a·x + b·y, values and gradients. */
export function mixLosses(a: number, x: LogitLoss, b: number, y: LogitLoss): LogitLoss {
  const gradient = x.gradient.map((value, index) => a * value + b * y.gradient[index]!);
  return { value: a * x.value + b * y.value, gradient };
}

function softmax(logits: Float32Array, temperature: number): { values: number[]; logs: number[] } {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const top = Math.max(...scaled);
  const total = Math.log(scaled.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  const logs = scaled.map((logit) => logit - top - total);
  return { values: logs.map(Math.exp), logs };
}
