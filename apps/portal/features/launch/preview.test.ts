import { expect, it } from 'vitest';
import { previewText } from './preview.ts';

const preview = { runs: 2, stages: 20, cachedStages: 4, estimatedSeconds: 540, issues: [] };
const plain = (text: string) => text.replaceAll('\u202f', ' ');

it('says what is known, and that there is no estimate without history', () => {
  expect(plain(previewText(2, preview))).toBe(
    '2 runs · 20 stages · 4 of them shared or from cache · about 9 min of stages',
  );
  expect(previewText(2, { ...preview, cachedStages: 0, estimatedSeconds: null })).toContain(
    'no time estimate',
  );
  expect(previewText(1, null)).toBe('1 run');
  expect(previewText(null, preview)).toBe('');
});
