// Every kind of stage and what runs it.
import {
  type StageConfig,
  stageConfigSchemas,
  type StageKind,
  StillwattError,
} from '@stillwatt/contracts';
import type { RunStage, StageContext, StageOutput } from '../context.ts';
import { runData } from './data.ts';
import { runDistill } from './distill.ts';
import { runEvaluate } from './evaluate.ts';
import { runProfile } from './profile.ts';
import { runQuantize } from './quantize.ts';
import { runTeacher } from './teacher.ts';

const table: { [K in StageKind]: RunStage<K> } = {
  data: runData,
  teacher: runTeacher,
  distill: runDistill,
  quantize: runQuantize,
  evaluate: runEvaluate,
  profile: runProfile,
};

/** Parses the config of its kind and runs it. INPUT_INVALID with the path where the config is wrong. */
export function runKind<K extends StageKind>(
  kind: K,
  config: unknown,
  context: Omit<StageContext<K>, 'config'>,
): Promise<StageOutput> {
  const parsed = stageConfigSchemas[kind].safeParse(config);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new StillwattError('INPUT_INVALID', `config of stage ${kind}: ${issue?.message}`, {
      path: issue?.path.join('.') ?? '',
      fix: 'plan the stage with the same version of Stillwatt that runs it',
    });
  }
  return table[kind]({ ...context, config: parsed.data as StageConfig<K> });
}
