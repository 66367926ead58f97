'use client';
// The cells of a run: in the table, in lists and in sweeps.
import type { RunRow } from '@stillwatt/contracts';
import { cx } from '../../ui/cx.ts';
import { Energy, NotMeasured } from '../../ui/figure.tsx';
import { formatBytes, formatEta, formatMs, formatShare } from '../../ui/format.ts';
import { Progress } from '../../ui/progress.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { Tip } from '../../ui/tip.tsx';
import { cellText, figures, headline } from './prepare.ts';
import styles from './runs.module.css';

export function NameText({ run }: { run: RunRow }) {
  const cell = cellText(run.cell);
  return (
    <>
      <span>{run.experiment}</span>
      {cell !== '' && <span className={styles.cell}>{cell}</span>}
    </>
  );
}

/** State with a live bar and what is left. */
export function StatusCell({ run }: { run: RunRow }) {
  if (run.state !== 'running') {
    const mark = <StateMark state={run.state} />;
    if (run.error === null) return mark;
    return (
      <Tip text={run.error.message}>
        <span className={styles.attention}>{mark}</span>
      </Tip>
    );
  }
  return (
    <span className={styles.live}>
      <StateMark state="running" wordless />
      <span className={styles.bar}>
        <Progress share={run.progress} label={`${run.experiment}: done`} />
      </span>
      <span className={styles.eta}>
        {run.etaSeconds === null
          ? `${Math.round(run.progress * 100)} %`
          : `${formatEta(run.etaSeconds)} left`}
      </span>
    </span>
  );
}

/** Attention with its colour, everywhere the same. */
export function AttentionMark({ attention }: { attention: 'dot' | 'inhibitor' }) {
  return (
    <span className={styles.attention}>
      <span className={cx(styles.swatch, styles[attention])} aria-hidden />
      {attention}
    </span>
  );
}

/** Precision with its shape: a filled circle for f32, a diamond for int8. */
export function PrecisionMark({ precision }: { precision: 'f32' | 'int8' }) {
  return (
    <span className={styles.attention}>
      <span className={cx(styles.shape, precision === 'int8' && styles.diamond)} aria-hidden />
      {precision}
    </span>
  );
}

export type FigureName = 'accuracy' | 'energy' | 'p95' | 'size';

/** One figure of the model that speaks for the run. */
export function FigureCell({ run, figure }: { run: RunRow; figure: FigureName }) {
  const shown = figures(headline(run.models), run.state);
  switch (figure) {
    case 'accuracy': {
      const { value, n, reason } = shown.accuracy;
      return value === null ? <NotMeasured reason={reason} /> : <>{formatShare(value, n)}</>;
    }
    case 'energy':
      return <Energy measured={shown.energy} />;
    case 'p95': {
      const { value, reason } = shown.p95Ms;
      return value === null ? <NotMeasured reason={reason} /> : <>{formatMs(value)}</>;
    }
    case 'size': {
      const { value, reason } = shown.sizeBytes;
      return value === null ? <NotMeasured reason={reason} /> : <>{formatBytes(value)}</>;
    }
  }
}
