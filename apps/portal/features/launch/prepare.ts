// The experiment file while it is written: read, checked, patched from the form, with places for the editor's margin.
import { checkExperiment, type Experiment, StillwattError } from '@stillwatt/contracts';
import { checkSweep } from '@stillwatt/search';
import { type Document, isMap, isNode, isPair, isSeq, parseDocument, stringify } from 'yaml';

/** Aliases repeat what they name; as many as the server allows. */
const maxAliases = 50;

/** One thing wrong, with its place in the text. */
export interface PlacedIssue {
  path: string;
  reason: string;
  fix: string;
  from: number;
  to: number;
}

export interface Draft {
  text: string;
  /** What the text decodes to; an empty mapping where it does not. */
  value: Record<string, unknown>;
  issues: PlacedIssue[];
  /** The checked experiment, every default filled in; null while anything is wrong. */
  spec: Experiment | null;
  /** Runs it means; null while anything is wrong. */
  runs: number | null;
}

/** What every part of the form gets. */
export interface FormProps {
  draft: Draft;
  patch: (path: readonly string[], value: unknown) => void;
}

/** Reads and checks a text; never throws. */
export function readDraft(text: string): Draft {
  const document = parse(text);
  if (document.errors.length > 0) {
    const issues = document.errors.map((error) => ({
      path: '',
      reason: error.message.split('\n')[0] ?? error.message,
      fix: 'correct the YAML here: indentation, quotes and brackets are the usual causes',
      from: Math.min(error.pos[0], text.length),
      to: Math.min(Math.max(error.pos[1], error.pos[0] + 1), text.length),
    }));
    return { text, value: {}, issues, spec: null, runs: null };
  }
  const decoded = decode(document);
  const value = isRecord(decoded) ? decoded : {};
  const checked = checkExperiment(decoded);
  if (!checked.ok) {
    const issues = checked.issues.map((issue) => ({
      ...issue,
      ...place(document, issue.path, text),
    }));
    return { text, value, issues, spec: null, runs: null };
  }
  try {
    return { text, value, issues: [], spec: checked.spec, runs: checkSweep(checked.spec).size };
  } catch (error) {
    if (!(error instanceof StillwattError)) throw error;
    const { path = 'sweep', message, fix = 'change the sweep' } = error;
    const issue = { path, reason: message, fix, ...place(document, path, text) };
    return { text, value, issues: [issue], spec: null, runs: null };
  }
}

/** The text with one value changed, comments and order kept; `undefined` removes the key and what it empties. */
export function patchDraft(text: string, path: readonly string[], value: unknown): string {
  const document = parse(text);
  if (document.errors.length > 0) return text;
  if (value === undefined) {
    document.deleteIn(path);
    for (let depth = path.length - 1; depth > 0; depth--) {
      const parent = document.getIn(path.slice(0, depth), true);
      if (isMap(parent) && parent.items.length === 0) document.deleteIn(path.slice(0, depth));
    }
  } else {
    makeRoom(document, path);
    document.setIn(path, document.createNode(value, { flow: true }));
  }
  return document.toString({ lineWidth: 0 });
}

/** `a.b.c` of a decoded value, or undefined. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value);
}

/** Which alignments a draft names; what is no list of them, while it is being written, names none. */
export function alignments(value: unknown): string[] {
  const align = valueAt(value, ['distill', 'align']);
  if (align === undefined || align === null) return ['context', 'hidden'];
  return Array.isArray(align) ? align.map(String) : [];
}

/** What to remove of a draft with an axis: with the last one the sweep, which is nothing without. */
export function axisToRemove(value: unknown, path: string): string[] {
  const over = valueAt(value, ['sweep', 'over']);
  const others = isRecord(over) ? Object.keys(over).filter((one) => one !== path) : [];
  return others.length === 0 ? ['sweep'] : ['sweep', 'over', path];
}

/** The first issue of a path or of anything under it, in one sentence. */
export function issueAt(issues: readonly PlacedIssue[], path: string): string | null {
  const found = issues.find((issue) => issue.path === path || issue.path.startsWith(`${path}.`));
  return found === undefined ? null : `${found.reason}: ${found.fix}`;
}

/** `1, 2, 3` as numbers; what is no number stays text, for the check to refuse. */
export function listOf(text: string): (number | string | boolean)[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      if (part === 'true' || part === 'false') return part === 'true';
      const number = Number(part);
      return Number.isNaN(number) ? part : number;
    });
}

/** A number as people write it in a spec: `5e-5`, not `0.00005`. */
export function numberText(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential() : String(value);
}

/** A run's resolved spec as an experiment file of one seed. */
export function specAsDraft(spec: Record<string, unknown>): string {
  const { seed, ...rest } = spec;
  return stringify({ ...rest, seeds: [seed] }, { lineWidth: 0 });
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, { version: '1.2', schema: 'core', prettyErrors: false });
}

function decode(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: maxAliases });
  } catch {
    // Too many aliases: the check says that this is no mapping.
    return null;
  }
}

/** Missing parents become mappings in blocks, so that a first key does not make a line of braces. */
function makeRoom(document: Document.Parsed, path: readonly string[]): void {
  for (let depth = 1; depth < path.length; depth++) {
    const parent = path.slice(0, depth);
    if (!isMap(document.getIn(parent, true))) document.setIn(parent, document.createNode({}));
  }
}

/** Where a dotted path stands; of a missing key its nearest parent. Keys of `sweep.over` hold dots themselves. */
function place(
  document: Document.Parsed,
  path: string,
  text: string,
): { from: number; to: number } {
  let at: unknown = document.contents;
  let found: [number, number] = [0, Math.max(0, text.indexOf('\n'))];
  let rest = path === '' ? [] : path.split('.');
  while (rest.length > 0) {
    const step = next(at, rest);
    if (step === null) break;
    found = step.range ?? found;
    at = step.value;
    rest = rest.slice(step.used);
  }
  return { from: found[0], to: Math.min(Math.max(found[1], found[0] + 1), text.length) };
}

function next(
  at: unknown,
  rest: string[],
): { value: unknown; range: [number, number] | null; used: number } | null {
  if (isSeq(at)) {
    const item: unknown = at.items[Number(rest[0])];
    return item === undefined ? null : { value: item, range: rangeOf(item), used: 1 };
  }
  if (!isMap(at)) return null;
  for (let used = rest.length; used > 0; used--) {
    const key = rest.slice(0, used).join('.');
    const pair = at.items.find((item) => isPair(item) && String(item.key) === key);
    if (pair) return { value: pair.value, range: rangeOf(pair.key), used };
  }
  return null;
}

function rangeOf(node: unknown): [number, number] | null {
  return isNode(node) && node.range ? [node.range[0], node.range[1]] : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
