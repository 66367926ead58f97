// The engine: model code on tfjs-node. Bytes in, bytes out; no files, no environment, no services.
// The process that imports it sets TF_NUM_INTRAOP_THREADS (threads) and TF_CPP_MIN_LOG_LEVEL before.
export type { Dataset, Example, SplitName } from './data/dataset.ts';
export {
  countRows,
  limitDataset,
  parseDataset, // (files: ReadonlyMap<string, Uint8Array>) => Dataset
  serialiseDataset, // (dataset) => Map<string, Uint8Array>
  splitNames,
} from './data/dataset.ts';
export type { DistillInput, DistillOptions, InhibitorOptions, StudentOptions } from './distillation/options.ts';
export type { EvaluateInput, Evaluation, ProfileInput, ProfileWindow } from './evaluation/options.ts';
export type { AttentionConfig, ModelConfig, QuantizationConfig } from './models/config.ts';
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
// Coming with these signatures (their modules follow within minutes):
//   parseTask(task: TaskInput): Dataset
//     TaskInput = { task: 'movie-snippets'; files: ReadonlyMap<'movieReviewSnippets_GroundTruth.txt', Uint8Array> }
//               | { task: 'sst2'; files with 'train.tsv', 'dev.tsv' }
//               | { task: 'custom'; schema: CustomSchema; files with 'train.tsv' … or 'train.jsonl' … }
//   trainTeacher(input: TrainTeacherInput): Promise<TrainingResult>
//   distill(input: DistillInput): Promise<TrainingResult>
//   quantizeModel(model: Model, options: { granularity: 'per-channel' | 'per-tensor' }): Model
//   evaluateModel(input: EvaluateInput): Promise<Evaluation>
//   profileModel(input: ProfileInput): Promise<ProfileWindow[]>
//   engineVersion: string
//   describeRuntime(model: Model): { tensorflow: string; kernels: string }
