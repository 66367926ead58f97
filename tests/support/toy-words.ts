// The little language of the toy data: its words, and sentences whose label follows from them.

export const positiveWords = ['good', 'great', 'lovely', 'bright', 'funny', 'moving', 'clever'];
export const negativeWords = ['bad', 'dull', 'awful', 'slow', 'boring', 'weak', 'clumsy'];
const nouns = ['film', 'plot', 'cast', 'scene', 'story', 'ending', 'music', 'script', 'hero'];
const others = ['the', 'a', 'is', 'was', 'and', 'but', 'very', 'rather', 'quite', 'with', 'its'];

export const toyWords = [...positiveWords, ...negativeWords, ...nouns, ...others];

/** A sentence with more words of one kind than of the other. */
export function toySentence(isPositive: boolean, random: () => number): string {
  const pick = (words: readonly string[]): string =>
    words[Math.floor(random() * words.length)] ?? 'the';
  const [most, fewest] = isPositive
    ? [positiveWords, negativeWords]
    : [negativeWords, positiveWords];
  const count = 2 + Math.floor(random() * 3);
  const parts = Array.from({ length: count }, (_, index) => {
    const mood = index === 1 && count > 2 && random() < 0.5 ? fewest : most;
    return `${pick(['the', 'a', 'its'])} ${pick(nouns)} ${pick(['is', 'was'])} ${pick(['very', 'rather', 'quite'])} ${pick(mood)}`;
  });
  return parts.join(' and ');
}
