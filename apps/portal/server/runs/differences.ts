// In which paths the specs of several runs differ.
import type { RunSpec } from '@stillwatt/contracts';

export interface Difference {
  /** Dotted spec path. */
  path: string;
  /** One value per spec, in their order; undefined becomes null. */
  values: unknown[];
}

/** Paths in the order of the first spec that has them; arrays are compared whole. */
export function specDifferences(specs: readonly RunSpec[]): Difference[] {
  const flat = specs.map((spec) => flatten(spec, ''));
  const paths = new Set(flat.flatMap((values) => [...values.keys()]));
  return [...paths]
    .map((path) => ({ path, values: flat.map((values) => values.get(path) ?? null) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}

function flatten(value: unknown, prefix: string): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Map([[prefix, value]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [
      ...flatten(inner, prefix === '' ? key : `${prefix}.${key}`),
    ]),
  );
}
