// TensorFlow operations that tfjs has no function for, by name, through its Node.js binding.
import * as tf from '@tensorflow/tfjs-node';

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of the binding used here; its types are not exported by tfjs-node. */
interface Binding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_Version: string;
  executeOp(name: string, attributes: Attribute[], inputs: number[], outputs: number): unknown[];
}

interface NodeBackend {
  readonly binding: Binding;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor;
  getInputTensorIds(tensors: tf.Tensor[]): number[];
}

/** A float variable in the library's memory, updated in place by optimiser operations. */
export interface DeviceVariable {
  readonly handle: tf.Tensor;
  readonly shape: readonly number[];
}

function backend(): NodeBackend {
  return tf.backend() as unknown as NodeBackend;
}

/** Version of libtensorflow that computes. */
export function tensorflowVersion(): string {
  return backend().binding.TF_Version;
}

let variableCount = 0;

/** A new variable that starts with `initial`; free it with destroyVariable. */
export function createVariable(initial: tf.Tensor): DeviceVariable {
  const { binding } = backend();
  const { TF_ATTR_STRING, TF_ATTR_SHAPE } = binding;
  // Eager variables are shared by name: a fresh name is a fresh variable.
  const shared = `stillwatt-${variableCount++}`;
  const attributes = [
    float('dtype'),
    { name: 'shape', type: TF_ATTR_SHAPE, value: initial.shape },
    { name: 'container', type: TF_ATTR_STRING, value: '' },
    { name: 'shared_name', type: TF_ATTR_STRING, value: shared },
  ];
  const handle = tf.keep(backend().executeSingleOutput('VarHandleOp', attributes, []));
  const variable = { handle, shape: initial.shape };
  assignVariable(variable, initial);
  return variable;
}

export function assignVariable(variable: DeviceVariable, value: tf.Tensor): void {
  run('AssignVariableOp', [float('dtype')], [variable.handle, value]);
}

/** The present value; shares memory until the variable changes, so dispose it before an update. */
export function readVariable(variable: DeviceVariable): tf.Tensor {
  return backend().executeSingleOutput('ReadVariableOp', [float('dtype')], [variable.handle]);
}

export function destroyVariable(variable: DeviceVariable): void {
  run('DestroyResourceOp', [bool('ignore_lookup_error', true)], [variable.handle]);
  variable.handle.dispose();
}

/** One Adam step in place: m, v, w ← …; one pass over memory instead of eleven. */
export function applyAdam(
  weight: DeviceVariable,
  first: DeviceVariable,
  second: DeviceVariable,
  scalars: readonly tf.Scalar[],
  gradient: tf.Tensor,
): void {
  const inputs = [weight.handle, first.handle, second.handle, ...scalars, gradient];
  const attributes = [float('T'), bool('use_locking', false), bool('use_nesterov', false)];
  run('ResourceApplyAdam', attributes, inputs);
}

/** Σ x² / 2 in one pass; a scalar. */
export function halfSquareSum(x: tf.Tensor): tf.Tensor {
  return backend().executeSingleOutput('L2Loss', [float('T')], [x]);
}

function run(name: string, attributes: Attribute[], inputs: tf.Tensor[]): void {
  const { binding } = backend();
  binding.executeOp(name, attributes, backend().getInputTensorIds(inputs), 0);
}

function float(name: string): Attribute {
  const { TF_ATTR_TYPE, TF_FLOAT } = backend().binding;
  return { name, type: TF_ATTR_TYPE, value: TF_FLOAT };
}

function bool(name: string, value: boolean): Attribute {
  return { name, type: backend().binding.TF_ATTR_BOOL, value };
}
