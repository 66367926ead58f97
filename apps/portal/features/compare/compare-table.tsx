'use client';
// Figures and spec keys of the runs in columns; equal keys are folded.
import type { ModelRole, RunDetail } from '@stillwatt/contracts';
import { X } from 'lucide-react';
import Link from 'next/link';
import { Button, IconButton } from '../../ui/button.tsx';
import { NotMeasured } from '../../ui/figure.tsx';
import { plural } from '../../ui/format.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { AttentionMark } from '../runs/cells.tsx';
import { cellText } from '../runs/prepare.ts';
import styles from './compare.module.css';
import { figureRows, flatSpec, valueText } from './prepare.ts';

export function CompareTable({
  runs,
  differences,
  role,
  setBaseline,
  remove,
}: {
  runs: RunDetail[];
  differences: { path: string; values: unknown[] }[];
  role: ModelRole;
  setBaseline: (runId: string) => void;
  remove: (runId: string) => void;
}) {
  const differing = new Set(differences.map(({ path }) => path));
  const [baseline] = runs;
  const equal = baseline
    ? flatSpec(baseline.spec).filter(([path]) => !covered(path, differing))
    : [];
  return (
    <>
      <div className={styles.scroll} tabIndex={0} role="group" aria-label="Comparison">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col" className={styles.label}>
                <span className="visually-hidden">Figure or spec key</span>
              </th>
              {runs.map((run, index) => (
                <th key={run.id} scope="col" className={styles.run}>
                  <div className={styles.runHead}>
                    <Link href={`/runs/${run.id}`}>
                      {run.experiment} <span className={styles.cell}>{cellText(run.cell)}</span>
                    </Link>
                    <IconButton
                      small
                      label={`Leave ${run.experiment} seed ${run.seed} out`}
                      onClick={() => remove(run.id)}
                    >
                      <X size={14} aria-hidden />
                    </IconButton>
                  </div>
                  <div className={styles.runFacts}>
                    <AttentionMark attention={run.attention} />
                    <span>seed {run.seed}</span>
                    {run.state !== 'succeeded' && <StateMark state={run.state} />}
                  </div>
                  {index === 0 ? (
                    <span className={styles.baseline}>baseline</span>
                  ) : (
                    <Button
                      small
                      look="quiet"
                      className={styles.make}
                      onClick={() => setBaseline(run.id)}
                    >
                      Make baseline
                    </Button>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {figureRows(runs, role).map((row) => (
              <tr key={row.label}>
                <th scope="row" className={styles.label}>
                  {row.label}
                </th>
                {row.cells.map((cell, index) => (
                  <td key={runs[index]?.id} className={styles.figure}>
                    {cell.text ?? <NotMeasured reason={cell.reason} />}
                    {cell.difference !== null && (
                      <span className={styles.difference}>{cell.difference}</span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
            <tr>
              <th scope="rowgroup" colSpan={runs.length + 1} className={styles.divider}>
                {differences.length === 0
                  ? 'The specs are equal'
                  : `${plural(differences.length, 'spec key')} ${differences.length === 1 ? 'differs' : 'differ'}`}
              </th>
            </tr>
            {differences.map(({ path, values }) => (
              <tr key={path}>
                <th scope="row" className={styles.label}>
                  <code>{path}</code>
                </th>
                {values.map((value, index) => (
                  <td
                    key={runs[index]?.id}
                    className={
                      index > 0 && valueText(value) !== valueText(values[0])
                        ? styles.other
                        : undefined
                    }
                  >
                    {valueText(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {runs.length > 1 && (
        <details className={styles.equal}>
          <summary>{plural(equal.length, 'spec key')} equal in all</summary>
          <dl className={styles.pairs}>
            {equal.map(([path, text]) => (
              <div key={path}>
                <dt>
                  <code>{path}</code>
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}

/** The path differs itself or lies under one that does. */
function covered(path: string, differing: ReadonlySet<string>): boolean {
  return [...differing].some((one) => path === one || path.startsWith(`${one}.`));
}
