// Reads an experiment from YAML text or a decoded value: bounded, and every fault is an issue with its place.
import {
  checkExperiment,
  type Experiment,
  type SpecIssue,
  type SpecResult,
} from '@stillwatt/contracts';
import { Lexer, parseDocument, Parser } from 'yaml';

/** Aliases repeat what they name: a few are useful, many are an attack. */
const maxAliases = 50;
const maxBytes = 200_000;
/** A spec needs five; the composer recurses, and V8 ends the process when its stack is nearly used up. */
const maxDepth = 60;
/** Keys are compared each with each: more would take seconds. */
const maxEntries = 6000;
const maxLexemes = 40_000;
/** More faults than anybody reads. */
const maxIssues = 50;

/** @param spec YAML text, or what it decodes to */
export function readSpec(spec: string | Record<string, unknown>): SpecResult<Experiment> {
  if (typeof spec !== 'string') return readDecoded(spec);
  if (Buffer.byteLength(spec) > maxBytes) return refused(tooLarge);
  const outOfBounds = boundsIssue(spec);
  if (outOfBounds) return refused(outOfBounds);
  try {
    const document = parseDocument(spec, { version: '1.2', schema: 'core', prettyErrors: false });
    if (document.errors.length > 0) {
      return refused(
        ...document.errors
          .slice(0, maxIssues)
          .map((error) => syntaxIssue(spec, error.pos[0], error.message)),
      );
    }
    return limited(checkExperiment(document.toJS({ maxAliasCount: maxAliases })));
  } catch (error) {
    // Too many aliases.
    const reason = error instanceof Error ? error.message : String(error);
    return refused({ path: '', reason, fix: 'write it out without aliases' });
  }
}

function readDecoded(spec: Record<string, unknown>): SpecResult<Experiment> {
  try {
    if (JSON.stringify(spec).length > maxBytes) return refused(tooLarge);
  } catch {
    // Nested so deeply that it cannot be written down.
    return refused(tooDeep);
  }
  return limited(checkExperiment(spec));
}

function limited(result: SpecResult<Experiment>): SpecResult<Experiment> {
  return result.ok ? result : refused(...result.issues.slice(0, maxIssues));
}

const tooLarge: SpecIssue = {
  path: '',
  reason: `longer than ${maxBytes / 1000} kB`,
  fix: 'name values in a range instead of listing them',
};

/** What the parser would take too long over, found by the part of it that is linear and does not recurse. */
function boundsIssue(text: string): SpecIssue | null {
  const parser = new Parser();
  let lexemes = 0;
  let entries = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexeme === ':' || lexeme === '?' || lexeme === ',') entries += 1;
    if (lexemes > maxLexemes || entries > maxEntries) return tooMany;
    // Its tokens are not wanted, only how deep it stands: two of its stack's entries make one level.
    for (const _token of parser.next(lexeme));
    if (parser.stack.length > 2 * maxDepth) return tooDeep;
  }
  return null;
}

const tooDeep: SpecIssue = {
  path: '',
  reason: `nested more than ${maxDepth} deep`,
  fix: 'close the brackets, and indent by level',
};
const tooMany: SpecIssue = {
  path: '',
  reason: `more than ${maxEntries} keys and values`,
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
