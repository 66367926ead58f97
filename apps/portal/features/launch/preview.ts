// What launching does, in one line.
import type { Preview } from '@stillwatt/contracts';
import { formatCount, formatEta, plural } from '../../ui/format.ts';

/**
 * `2 runs · 17 stages to compute, 3 shared · about 9 min of computing, less what the cache has`. What the cache has is not known before
 * the stages ask for it: their keys hold digests of inputs that may still have to be made.
 */
export function previewText(runs: number | null, preview: Preview | null): string {
  if (runs === null) return '';
  if (preview === null) return plural(runs, 'run');
  const { stages, sharedStages, estimatedSeconds } = preview;
  const computed = plural(stages - sharedStages, 'stage');
  const work =
    sharedStages === 0
      ? `${computed} to compute`
      : `${computed} to compute, ${formatCount(sharedStages)} shared`;
  const time =
    estimatedSeconds === null
      ? 'no time estimate before the first finished run'
      : `about ${formatEta(estimatedSeconds)} of computing, less what the cache has`;
  return [plural(preview.runs, 'run'), work, time].join(' · ');
}
