import { expect, it } from 'vitest';
import { yamlParts } from './yaml-parts.ts';

it.each([
  ['layers: 3 # few', ['key', 'value', 'comment']],
  ['# all', ['comment']],
  ['  - dot', ['value']],
  ['model: pypi:x@1#y', ['key', 'value']],
  ['', []],
])('%s', (line, kinds) => {
  const parts = yamlParts(line);
  expect(parts.map((part) => part.kind)).toEqual(kinds);
  expect(parts.map((part) => part.text).join('')).toBe(line);
});
