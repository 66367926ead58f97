// 10,605 movie review snippets with a mean human rating (vaderSentiment 0.5, MIT): sign of the rating.
import type { Dataset, Example } from '../data/dataset.ts';
import { decodeText, invalidRow, readRows } from './rows.ts';
import { splitByHash } from './split.ts';

export const snippetsFile = 'movieReviewSnippets_GroundTruth.txt';

/** Rows `id<TAB>mean rating −4…4<TAB>text`; zeros are dropped. DATA_INVALID with the row's number. */
export function parseMovieSnippets(bytes: Uint8Array): Dataset {
  let zeros = 0;
  const examples: Example[] = [];
  for (const { columns, path } of readRows(decodeText(bytes, snippetsFile), snippetsFile, 3)) {
    const [, rating = '', text = ''] = columns;
    const value = rating.trim() === '' ? NaN : Number(rating);
    if (!(Math.abs(value) <= 4)) throw invalidRow(`${rating} is not a rating from −4 to 4`, path);
    if (text.trim() === '') throw invalidRow('the text is empty', path);
    if (value === 0) zeros++;
    else examples.push({ text, label: value > 0 ? 1 : 0 });
  }
  const { splits, duplicates } = splitByHash(examples);
  return {
    task: 'movie-snippets',
    kind: 'classification',
    labels: ['negative', 'positive'],
    splits,
    dropped: { 'rating of zero': zeros, duplicate: duplicates },
  };
}
