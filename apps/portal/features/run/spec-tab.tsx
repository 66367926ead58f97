'use client';
// The resolved spec of a run, with every default filled in.
import type { RunDetail } from '@stillwatt/contracts';
import { useMemo } from 'react';
import { stringify } from 'yaml';
import { ButtonLink } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { YamlText } from '../../ui/code/yaml-text.tsx';
import styles from './run.module.css';

export function SpecTab({ run }: { run: RunDetail }) {
  const text = useMemo(() => stringify(run.spec), [run.spec]);
  return (
    <div className={styles.stack}>
      <div className={styles.panelHead}>
        <p className={styles.note}>
          What really ran: the experiment file of this run with every default filled in.
        </p>
        <span className={styles.grow} />
        <CopyButton text={text} label="Copy" what="the spec" />
        <ButtonLink href={`/launch?from=${run.id}`} small>
          Launch a variant
        </ButtonLink>
      </div>
      <YamlText text={text} label="Resolved spec" />
    </div>
  );
}
