// The engine: models, their training and their measures on a backend that computes. Bytes in, bytes out;
// no files, no environment, no services. Before the tfjs backend is opened, the process sets
// TF_NUM_INTRAOP_THREADS (threads) and TF_CPP_MIN_LOG_LEVEL.
export { type BackendName, backendNames } from '@stillwatt/contracts';
export type { Backend, BackendOptions } from './backends/backend.ts';
export { openBackend } from './backends/open-backend.ts';
export type { Dataset, Example, SplitName } from './data/dataset.ts';
export {
  countRows,
  parseDataset, // (files: ReadonlyMap<string, Uint8Array>) => Dataset
  serialiseDataset, // (dataset) => Map<string, Uint8Array>
  splitNames,
} from './data/dataset.ts';
export type {
  DistillInput,
  DistillOptions,
  InhibitorOptions,
  StudentOptions,
} from './distillation/options.ts';
export { calibrate, type CalibratedLayer } from './distillation/calibrate.ts';
export { distill, type DistillResult } from './distillation/distill.ts';
export { createStudent } from './distillation/student.ts';
export { evaluateModel } from './evaluation/evaluate.ts';
export { profileModel } from './evaluation/profile.ts';
export { quantizeModel, type QuantizeOptions } from './quantization/quantize-model.ts';
export type {
  EvaluateInput,
  Evaluation,
  ProfileInput,
  ProfileWindow,
} from './evaluation/options.ts';
export type { AttentionConfig, ModelConfig, QuantizationConfig } from './models/config.ts';
export { type EncodedTexts, encodeTexts } from './models/encode-texts.ts';
export { loadModel, saveModel } from './models/files.ts';
export type { Model, ModelDescription, ModelFiles } from './models/model.ts';
export { describeModel } from './models/model.ts';
export { type EncodedText, loadTokenizer, type TextTokenizer } from './models/tokenizer.ts';
export type {
  FinetuneOptions,
  OptimiserOptions,
  TrainingHooks,
  TrainingProgress,
  TrainingResult,
  TrainTeacherInput,
} from './training/options.ts';
export { describeInference, describeRuntime, engineVersion } from './runtime.ts';
export type { CustomSchema } from './tasks/custom.ts';
export { parseTask, type TaskInput } from './tasks/parse-task.ts';
export { limitDataset } from './tasks/split.ts';
export { trainTeacher } from './training/teacher.ts';
