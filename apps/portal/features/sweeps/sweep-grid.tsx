'use client';
// The grid of a sweep: a row per cell, a column per seed, the mean with its interval at the end.
import type { RunRow } from '@stillwatt/contracts';
import { X } from 'lucide-react';
import Link from 'next/link';
import type { CSSProperties } from 'react';
import { NotMeasured } from '../../ui/figure.tsx';
import { formatFixed, formatShare, formatUncertain } from '../../ui/format.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { runName } from '../runs/prepare.ts';
import { AttentionMark } from '../runs/cells.tsx';
import { accuracyOf, type GridRow, shade, type SweepGrid } from './prepare.ts';
import styles from './sweeps.module.css';

export function SweepGridView({ grid }: { grid: SweepGrid }) {
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label="Cells and seeds">
      <table className={styles.grid}>
        <thead>
          <tr>
            <th scope="col">Cell</th>
            {grid.seeds.map((seed) => (
              <th key={seed} scope="col" className={styles.seed}>
                seed {seed}
              </th>
            ))}
            <th scope="col" className={styles.mean}>
              Mean (95 %)
            </th>
            <th scope="col" className={styles.n}>
              n
            </th>
          </tr>
        </thead>
        <tbody>
          {grid.rows.map((row) => (
            <tr key={row.key}>
              <th scope="row" className={styles.rowHead}>
                <span className={styles.rowLabel}>
                  <AttentionMark attention={row.attention} />
                  <span className={styles.quiet}>{restOf(row)}</span>
                </span>
              </th>
              {row.runs.map((run, index) => (
                <td key={grid.seeds[index]}>
                  <RunCell run={run} range={grid.range} />
                </td>
              ))}
              <td className={styles.mean}>
                <Mean row={row} />
              </td>
              <td className={styles.n}>{row.accuracy.n}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The label without the attention, which has its mark. */
function restOf(row: GridRow): string {
  return row.label
    .split(', ')
    .filter((part) => part !== row.attention)
    .join(', ');
}

function Mean({ row: { accuracy } }: { row: GridRow }) {
  if (accuracy.mean === null)
    return <NotMeasured reason="no seed of this cell has been evaluated yet" />;
  if (accuracy.low === null || accuracy.high === null) {
    return <span title={accuracy.reason ?? undefined}>{formatShare(accuracy.mean)}</span>;
  }
  if (accuracy.low === accuracy.high) {
    return <span title="every seed gave the same">{formatShare(accuracy.mean)}</span>;
  }
  return <>{formatUncertain(accuracy.mean * 100, (accuracy.high - accuracy.low) * 50, '%')}</>;
}

function RunCell({ run, range }: { run: RunRow | null; range: SweepGrid['range'] }) {
  if (run === null) {
    return (
      <span className={styles.unborn}>
        <span className="visually-hidden">not started</span>
      </span>
    );
  }
  const accuracy = accuracyOf(run);
  const percent = accuracy === null ? 0 : Math.round(shade(accuracy, range) * 100);
  return (
    <Link
      href={`/runs/${run.id}`}
      className={accuracy === null ? styles.open : styles.scored}
      style={
        accuracy === null ? undefined : ({ '--shade': `${8 + percent * 0.42}%` } as CSSProperties)
      }
    >
      <span className="visually-hidden">{runName(run)}</span>
      {accuracy !== null ? (
        formatFixed(accuracy * 100, 1)
      ) : run.state === 'failed' ? (
        <>
          <span className="visually-hidden">failed</span>
          <X size={14} className={styles.cross} aria-hidden />
        </>
      ) : run.state === 'running' ? (
        `${Math.round(run.progress * 100)} %`
      ) : (
        <StateMark state={run.state} wordless />
      )}
    </Link>
  );
}
