'use client';
// Values with their provenance: not measured is a dash with its reason, weak methods are marked.
import type { Measured } from '@stillwatt/contracts';
import styles from './figure.module.css';
import { formatJoules, notMeasured } from './format.ts';
import { Tip } from './tip.tsx';

/** A dash whose reason shows on hover and focus and is read aloud. */
export function NotMeasured({ reason }: { reason: string }) {
  return (
    <Tip text={reason}>
      <span
        className={styles.missing}
        tabIndex={0}
        role="note"
        aria-label={`not measured: ${reason}`}
      >
        {notMeasured}
      </span>
    </Tip>
  );
}

/** Methods whose figures are no measurement of this machine's power. */
const weakMethods = ['estimate', 'simulated'];

/** An energy figure with its method; italics and dots where it was not metered. */
export function Energy({ measured }: { measured: Measured | null }) {
  if (measured === null) return <NotMeasured reason="no profile of this model yet" />;
  if (measured.value === null) return <NotMeasured reason={measured.reason ?? 'not measured'} />;
  const method = measured.method ?? 'method not recorded';
  return (
    <Tip text={`Method: ${method}`}>
      <span tabIndex={0} className={weakMethods.includes(method) ? styles.weak : undefined}>
        {formatJoules(measured.value)}
      </span>
    </Tip>
  );
}
