// How far a sweep is: one bar by state, with its numbers beside it.
import type { SweepRow } from '@stillwatt/contracts';
import { cx } from '../../ui/cx.ts';
import { countParts } from './prepare.ts';
import styles from './sweeps.module.css';

export function SweepBar({ sweep, words = false }: { sweep: SweepRow; words?: boolean }) {
  const parts = countParts(sweep);
  const text = parts.map(
    ({ state, count }) => `${count} ${state === 'planned' ? 'not started' : state}`,
  );
  return (
    <span className={styles.barLine}>
      <span className={styles.bar} role="img" aria-label={text.join(', ')}>
        {parts.map(({ state, share }) => (
          <span
            key={state}
            className={cx(styles.part, styles[state])}
            style={{ width: `${share * 100}%` }}
          />
        ))}
      </span>
      {words && <span className={styles.barText}>{text.join(' · ')}</span>}
    </span>
  );
}
