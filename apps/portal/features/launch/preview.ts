// What launching does, in one line.
import type { Preview } from '@stillwatt/contracts';
import { formatEta, plural } from '../../ui/format.ts';

/** `2 runs · 20 stages · 4 computed once for several or from cache · about 9 min`. */
export function previewText(runs: number | null, preview: Preview | null): string {
  if (runs === null) return '';
  if (preview === null) return plural(runs, 'run');
  const shared =
    preview.cachedStages === 0 ? null : `${preview.cachedStages} of them shared or from cache`;
  const time =
    preview.estimatedSeconds === null
      ? 'no time estimate before the first finished run'
      : `about ${formatEta(preview.estimatedSeconds)} of stages`;
  return [plural(preview.runs, 'run'), plural(preview.stages, 'stage'), shared, time]
    .filter((part) => part !== null)
    .join(' · ');
}
