// Reads an experiment from YAML text or a decoded value: bounded, and every fault is an issue with its place.
import {
  checkExperiment,
  type Experiment,
  type SpecIssue,
  type SpecResult,
} from '@stillwatt/contracts';
import { parseDocument } from 'yaml';

/** Aliases repeat what they name: a few are useful, many are an attack. */
const maxAliases = 50;
const maxBytes = 200_000;

/** @param spec YAML text, or what it decodes to */
export function readSpec(spec: string | Record<string, unknown>): SpecResult<Experiment> {
  if (typeof spec !== 'string') {
    if (JSON.stringify(spec).length > maxBytes) return refused(tooLarge);
    return checkExperiment(spec);
  }
  if (Buffer.byteLength(spec) > maxBytes) return refused(tooLarge);
  try {
    const document = parseDocument(spec, { version: '1.2', schema: 'core', prettyErrors: false });
    if (document.errors.length > 0) {
      return refused(
        ...document.errors.map((error) => syntaxIssue(spec, error.pos[0], error.message)),
      );
    }
    return checkExperiment(document.toJS({ maxAliasCount: maxAliases }));
  } catch (error) {
    // Too many aliases, or nested so deeply that the parser gives up.
    const reason = error instanceof Error ? error.message : String(error);
    return refused({ path: '', reason, fix: 'write it out without aliases and deep nesting' });
  }
}

const tooLarge: SpecIssue = {
  path: '',
  reason: `longer than ${maxBytes / 1000} kB`,
  fix: 'name values in a range instead of listing them',
};

function refused(...issues: SpecIssue[]): SpecResult<Experiment> {
  return { ok: false, issues };
}

function syntaxIssue(text: string, position: number, message: string): SpecIssue {
  const before = text.slice(0, position).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return {
    path: '',
    reason: `line ${before.length}, column ${column}: ${message}`,
    fix: 'correct the YAML there: indentation, quotes and brackets are the usual causes',
  };
}
