import { expect, it } from 'vitest';
import { previewText } from './preview.ts';

const preview = { runs: 2, stages: 20, sharedStages: 4, estimatedSeconds: 540, issues: [] };
const plain = (text: string) => text.replaceAll('\u202f', ' ');

it('says what is known, and that there is no estimate without history', () => {
  expect(plain(previewText(2, preview))).toBe(
    '2 runs · 16 stages to compute, 4 shared · about 9 min of computing, less what the cache has',
  );
  expect(previewText(2, { ...preview, sharedStages: 0, estimatedSeconds: null })).toContain(
    'no time estimate',
  );
  expect(previewText(1, null)).toBe('1 run');
  expect(previewText(null, preview)).toBe('');
});
