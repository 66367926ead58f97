'use client';
// The columns of the runs table.
import type { RunRow } from '@stillwatt/contracts';
import { createColumnHelper } from '@tanstack/react-table';
import Link from 'next/link';
import { NotMeasured } from '../../ui/figure.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { AttentionMark, FigureCell, NameText, PrecisionMark, StatusCell } from './cells.tsx';
import { headline, missing, requester } from './prepare.ts';
import styles from './runs.module.css';
import type { sorts } from './use-filter.ts';

export interface ColumnMeta {
  /** Share of the free width, or a fixed width in pixels. */
  width: string;
  number?: boolean;
  /** What the server sorts by under this column. */
  sort?: (typeof sorts)[number];
  title?: string;
}

const column = createColumnHelper<RunRow>();
const meta = (value: ColumnMeta) => ({ meta: value });

export const columns = [
  column.display({
    id: 'name',
    header: 'Name',
    ...meta({ width: 'minmax(176px, 3fr)', sort: 'experiment' }),
    cell: ({ row }) => (
      <Link className={styles.name} href={`/runs/${row.original.id}`} tabIndex={-1}>
        <NameText run={row.original} />
      </Link>
    ),
  }),
  column.display({
    id: 'state',
    header: 'Status',
    ...meta({ width: '152px', sort: 'state' }),
    cell: ({ row }) => <StatusCell run={row.original} />,
  }),
  column.accessor('task', { header: 'Task', ...meta({ width: 'minmax(104px, 1fr)' }) }),
  column.accessor('attention', {
    header: 'Attention',
    ...meta({ width: '84px' }),
    cell: ({ row }) => <AttentionMark attention={row.original.attention} />,
  }),
  column.display({
    id: 'precision',
    header: 'Precision',
    ...meta({ width: '72px', title: 'Of the smallest model made so far, whose figures follow' }),
    cell: ({ row: { original: run } }) => {
      const model = headline(run.models);
      return model === null ? (
        <NotMeasured reason={missing('the model', run.state)} />
      ) : (
        <PrecisionMark precision={model.precision} />
      );
    },
  }),
  column.display({
    id: 'accuracy',
    header: 'Accuracy',
    ...meta({ width: '68px', number: true }),
    cell: ({ row }) => <FigureCell run={row.original} figure="accuracy" />,
  }),
  column.display({
    id: 'energy',
    header: 'J / inference',
    ...meta({ width: '88px', number: true, title: 'Joules per text' }),
    cell: ({ row }) => <FigureCell run={row.original} figure="energy" />,
  }),
  column.display({
    id: 'p95',
    header: 'p95',
    ...meta({
      width: '68px',
      number: true,
      title: 'Latency at the longest length, one text at a time',
    }),
    cell: ({ row }) => <FigureCell run={row.original} figure="p95" />,
  }),
  column.display({
    id: 'size',
    header: 'Size',
    ...meta({ width: '72px', number: true, title: 'Weights file on disk' }),
    cell: ({ row }) => <FigureCell run={row.original} figure="size" />,
  }),
  column.accessor('seed', { header: 'Seed', ...meta({ width: '44px', number: true }) }),
  column.accessor('createdAt', {
    header: 'When',
    ...meta({ width: '88px', sort: 'created' }),
    cell: ({ row }) => <RelativeTime at={row.original.createdAt} />,
  }),
  column.display({
    id: 'who',
    header: 'Who',
    ...meta({ width: 'minmax(108px, 0.8fr)' }),
    cell: ({ row }) => (
      <span className={styles.clip} title={requester(row.original)}>
        {requester(row.original)}
      </span>
    ),
  }),
];

export const template = `52px ${columns
  .map((one) => (one.meta as ColumnMeta | undefined)?.width ?? '1fr')
  .join(' ')}`;
