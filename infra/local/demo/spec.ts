// The experiment the demo submits: its file, or the same on other data.
import { readFileSync } from 'node:fs';
import { StillwattError } from '@stillwatt/contracts';
import { parse } from 'yaml';

export type DemoSpec = string | Record<string, unknown>;

/** The file as it is, so that the API's answer names its keys; a changed copy where the data is another. */
export function loadSpec(file: string, data: { dir: string; task: string } | undefined): DemoSpec {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StillwattError('INPUT_INVALID', `${file} cannot be read`, {
      fix: 'name an experiment file that is there (--spec FILE)',
      cause,
    });
  }
  return data === undefined ? text : onOtherData(text, data);
}

export function onOtherData(text: string, data: { dir: string; task: string }): DemoSpec {
  const spec = parse(text) as Record<string, unknown>;
  return {
    ...spec,
    data: { ...asObject(spec['data']), task: data.task, source: `dir:${data.dir}` },
    // GLUE publishes no labels for its test split
    evaluate: { ...asObject(spec['evaluate']), split: 'validation' },
  };
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
