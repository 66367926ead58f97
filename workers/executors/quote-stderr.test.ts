import { expect, it } from 'vitest';
import { quoteStderr } from './quote-stderr.ts';

it.each([
  [
    'TypeError: x is no function\n    at run (file:///home/ada/sw/workers/stage/stages/table.ts:12:3)',
    'TypeError: x is no function\n    at run (…/stages/table.ts:12:3)',
  ],
  [
    "ENOENT: no such file, open '/srv/data/train.tsv'",
    "ENOENT: no such file, open '…/data/train.tsv'",
  ],
  ['cannot read /root/secrets', 'cannot read …/secrets'],
  ['see https://example.org/a/b/c and ./a/b/c', 'see https://example.org/a/b/c and ./a/b/c'],
  ['at @scope/name/lib/x.js, 3/4/5 done', 'at @scope/name/lib/x.js, 3/4/5 done'],
])('%j is quoted without the machine', (said, quoted) => expect(quoteStderr(said)).toBe(quoted));

it('quotes the last lines alone', () => {
  const said = Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n\n');
  expect(quoteStderr(said).split('\n')).toHaveLength(12);
  expect(quoteStderr(`${said}\n`)).toMatch(/line 39$/);
  expect(quoteStderr('x'.repeat(9000)).length).toBe(1500);
});
