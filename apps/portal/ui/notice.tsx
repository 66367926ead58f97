'use client';
// What failed, why and what to do, with the code to copy; and what an empty place will hold.
import type { ErrorBody } from '@stillwatt/contracts';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { cx } from './cx.ts';
import styles from './notice.module.css';

export type Fault = Pick<ErrorBody, 'code' | 'message'> & {
  fix?: string | undefined;
  path?: string | undefined;
};

export function FaultNotice({
  title,
  fault,
  retry,
  amber = false,
}: {
  title: string;
  fault: Fault;
  retry?: (() => void) | undefined;
  amber?: boolean;
}) {
  const where = fault.path === undefined ? '' : `\nat ${fault.path}`;
  const fix = fault.fix === undefined ? '' : `\n${fault.fix}`;
  return (
    <div className={cx(styles.notice, amber && styles.amber)} role="alert">
      <TriangleAlert size={16} className={styles.icon} aria-hidden />
      <p className={styles.title}>{title}</p>
      <p className={styles.text}>
        {fault.message}
        {fault.path !== undefined && !fault.message.includes(fault.path) && (
          <>
            {' '}
            (at <code>{fault.path}</code>)
          </>
        )}
      </p>
      {fault.fix !== undefined && <p className={styles.fix}>{fault.fix}</p>}
      <div className={styles.actions}>
        {retry && (
          <Button small onClick={retry}>
            Try again
          </Button>
        )}
        <CopyButton
          text={`${fault.code}: ${fault.message}${where}${fix}`}
          label={fault.code}
          what="the error"
        />
      </div>
    </div>
  );
}

/** An empty place: what will be here, the one action that fills it, and an example. */
export function Empty({
  title,
  children,
  action,
  example,
  page = false,
}: {
  title: string;
  /** It is all of the page: its title is the page's heading. */
  page?: boolean;
  children: ReactNode;
  action?: ReactNode;
  example?: string;
}) {
  return (
    <div className={cx(styles.empty, page && styles.whole)}>
      {page ? <h1>{title}</h1> : <h2>{title}</h2>}
      <p>{children}</p>
      {example !== undefined && (
        <pre className={styles.example} tabIndex={0}>
          {example}
        </pre>
      )}
      {action}
    </div>
  );
}
