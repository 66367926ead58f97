'use client';
// One stage: its figures, attempts, inputs and what really ran.
import type { StageView } from '@stillwatt/contracts';
import { X } from 'lucide-react';
import { Button, IconButton } from '../../ui/button.tsx';
import { type DataColumn, DataTable } from '../../ui/data-table.tsx';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMs,
  formatShare,
  formatSignificant,
} from '../../ui/format.ts';
import { FaultNotice } from '../../ui/notice.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import styles from './run.module.css';
import type { RunTab } from './use-run-view.ts';

export function StagePanel({
  stage,
  close,
  show,
}: {
  stage: StageView;
  close: () => void;
  show: (tab: RunTab) => void;
}) {
  return (
    <section className={styles.panel} aria-label={`Stage ${stage.name}`}>
      <div className={styles.panelHead}>
        <h2>{stage.name}</h2>
        <StateMark state={stage.state} />
        <span className={styles.grow} />
        <Button small onClick={() => show('metrics')}>
          Metrics
        </Button>
        <Button small onClick={() => show('logs')}>
          Log
        </Button>
        <IconButton small label="Close the stage" onClick={close}>
          <X size={14} aria-hidden />
        </IconButton>
      </div>
      {stage.error && stage.state === 'failed' && (
        <FaultNotice title="Why it failed" fault={stage.error} />
      )}
      {stage.state === 'cached' && (
        <p className={styles.about}>
          Taken from <code>{stage.ownerPath ?? 'an earlier equal stage'}</code>: same spec, inputs
          and engine, so nothing was computed again.
        </p>
      )}
      <dl className={styles.pairs}>
        {facts(stage).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {stage.attempts.length > 0 && (
        <DataTable
          label="Attempts"
          wide
          columns={attemptColumns}
          rows={stage.attempts}
          keyOf={({ number }) => number}
        />
      )}
    </section>
  );
}

const attemptColumns: readonly DataColumn<StageView['attempts'][number]>[] = [
  {
    title: 'Attempt',
    cell: ({ number, resumedFrom }) => `${number}${resumedFrom === null ? '' : ' (resumed)'}`,
  },
  { title: 'State', cell: ({ state }) => <StateMark state={state} /> },
  { title: 'Wall time', kind: 'number', cell: ({ wallSeconds }) => seconds(wallSeconds) },
  { title: 'CPU time', kind: 'number', cell: ({ cpuSeconds }) => seconds(cpuSeconds) },
  {
    title: 'Peak memory',
    kind: 'number',
    cell: ({ peakRssBytes }) => (peakRssBytes === null ? '–' : formatBytes(peakRssBytes)),
  },
  {
    title: 'Why it ended',
    kind: 'text',
    cell: ({ error }) => (error === null ? '' : `${error.code}: ${error.message}`),
  },
];

function seconds(value: number | null): string {
  return value === null ? '–' : formatDuration(value);
}

/** What is known of a stage, in words. */
function facts({ summary, provenance, output, key }: StageView): [string, string][] {
  const all: [string, string | undefined][] = [
    ['Rows', summary?.rows && entries(summary.rows)],
    ['Dropped', summary?.droppedRows && entries(summary.droppedRows)],
    ['Labels', summary?.labels?.join(', ')],
    ['Last loss', summary?.loss === undefined ? undefined : formatSignificant(summary.loss)],
    ['Steps', summary?.steps === undefined ? undefined : formatCount(summary.steps)],
    ...Object.entries(summary?.metrics ?? {}).map(([name, value]): [string, string] => [
      name.charAt(0).toUpperCase() + name.slice(1),
      formatShare(value, summary?.n ?? null),
    ]),
    ['Examples', summary?.n === undefined ? undefined : formatCount(summary.n)],
    [
      'Cut to length',
      summary?.truncated === undefined ? undefined : formatCount(summary.truncated),
    ],
    ...(summary?.latency ?? []).map((window): [string, string] => [
      `p95, ${window.length} tokens × ${window.batch}`,
      formatMs(window.p95Ms),
    ]),
    ['Output', output ? `${output.kind}, ${formatBytes(output.sizeBytes)}` : undefined],
    ['Ran on', provenance ? `${provenance.cpu}, ${provenance.threads} threads` : undefined],
    ['Kernels', provenance?.kernels],
    [
      'Engine',
      provenance ? `${provenance.engine}, TensorFlow ${provenance.tensorflow}` : undefined,
    ],
    ['Key', key?.slice(0, 16) ?? undefined],
  ];
  return all.filter((pair): pair is [string, string] => pair[1] !== undefined);
}

function entries(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${formatCount(count)}`)
    .join(', ');
}
