'use client';
// The runs on a small screen: name, state, accuracy and time; the rest is one tap away.
import type { RunRow } from '@stillwatt/contracts';
import Link from 'next/link';
import { Button } from '../../ui/button.tsx';
import { formatShare } from '../../ui/format.ts';
import { RelativeTime } from '../../ui/time.tsx';
import { NameText, StatusCell } from './cells.tsx';
import { figures, headline } from './prepare.ts';
import styles from './runs.module.css';

export function RunsList({ rows, more }: { rows: RunRow[]; more?: (() => void) | undefined }) {
  return (
    <>
      <ul className={styles.list}>
        {rows.map((run) => {
          const { accuracy } = figures(headline(run.models), run.state);
          return (
            <li key={run.id}>
              <Link href={`/runs/${run.id}`} className={styles.item}>
                <span className={styles.name}>
                  <NameText run={run} />
                </span>
                <span className={styles.itemFigure}>
                  {accuracy.value === null ? '–' : formatShare(accuracy.value, accuracy.n)}
                </span>
                <StatusCell run={run} />
                <span className={styles.itemWhen}>
                  seed {run.seed} · <RelativeTime at={run.createdAt} />
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
      {more && (
        <div className={styles.more}>
          <Button onClick={more}>Show more runs</Button>
        </div>
      )}
    </>
  );
}
