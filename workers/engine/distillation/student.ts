// Students: fewer layers of the teacher, with dot-product or inhibitor attention.
import { StillwattError } from '@stillwatt/contracts';
import type { AttentionConfig } from '../models/config.ts';
import type { Model, Weight } from '../models/model.ts';
import { planWeights } from '../models/weight-plan.ts';
import type { InhibitorOptions, StudentOptions } from './options.ts';

export const defaultInhibitor: InhibitorOptions = {
  normalise: 'validKeys',
  centerOver: 'valid',
  qkGradient: 'sign',
};

/** Values of the thesis, before calibration. */
const initialScalars = { alpha: 0.5, beta: 1, gamma: 1 } as const;

/** Teacher layers that student layers start from: evenly spaced (0, 2, 4 of 6) or as listed. */
export function chooseLayers(teacherLayers: number, { layers, init }: StudentOptions): number[] {
  if (init === 'teacher-layers') {
    if (layers > teacherLayers) {
      throw invalid(`${layers} layers from a teacher of ${teacherLayers}`, 'student.layers');
    }
    return Array.from({ length: layers }, (_, index) =>
      Math.floor((index * teacherLayers) / layers),
    );
  }
  const isRising = init.every((layer, index) => index === 0 || layer > init[index - 1]!);
  if (init.length !== layers || !isRising || (init.at(-1) ?? 0) >= teacherLayers) {
    const message = `init must list ${layers} rising layers below ${teacherLayers}`;
    throw invalid(message, 'student.init');
  }
  return [...init];
}

/**
 * Teacher layers that student layers are compared with. Context: the layer it started from, whose
 * input it should see. Hidden state: the layer before the next one's start, so that it does see it.
 */
export function alignmentTargets(
  chosen: readonly number[],
  teacherLayers: number,
): { context: number[]; hidden: number[] } {
  const hidden = chosen.map((_, index) => (chosen[index + 1] ?? teacherLayers) - 1);
  return { context: [...chosen], hidden };
}

/** A student with the teacher's embeddings, chosen layers and head. */
export function createStudent(teacher: Model, options: StudentOptions): Model {
  const chosen = chooseLayers(teacher.config.layers, options);
  const attention: AttentionConfig =
    options.attention === 'dot'
      ? { kind: 'dot' }
      : { kind: 'inhibitor', ...(options.inhibitor ?? defaultInhibitor) };
  const config = { ...teacher.config, layers: options.layers, attention };
  const weights = new Map<string, Weight>();
  for (const { name, shape, isOptional } of planWeights(config)) {
    const source = teacher.weights.get(teacherName(name, chosen));
    const scalar = /\.inhibitor\.(alpha|beta|gamma)$/.exec(name)?.[1];
    if (scalar && !source) {
      const value = initialScalars[scalar as keyof typeof initialScalars];
      weights.set(name, { shape, values: new Float32Array(shape[0] ?? 1).fill(value) });
    } else if (source) {
      weights.set(name, source);
    } else if (!isOptional) {
      throw new Error(`the teacher lacks ${name}`);
    }
  }
  return { ...teacher, config, weights };
}

function teacherName(name: string, chosen: readonly number[]): string {
  return name.replace(/^layer\.(\d+)\./, (_, index: string) => `layer.${chosen[Number(index)]}.`);
}

function invalid(message: string, path: string): StillwattError {
  return new StillwattError('SPEC_INVALID', message, {
    path,
    fix: 'Choose at most as many layers as the teacher has.',
  });
}
