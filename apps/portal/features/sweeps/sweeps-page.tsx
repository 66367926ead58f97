'use client';
// The sweeps of the project.
import type { SweepRow } from '@stillwatt/contracts';
import Link from 'next/link';
import { errorBody, useTRPC, useTRPCClient } from '../../server/client.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { formatCount } from '../../ui/format.ts';
import { type DataColumn, DataTable } from '../../ui/data-table.tsx';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { BoneRows } from '../../ui/skeleton.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { usePages } from '../live/use-pages.ts';
import { requester } from '../runs/prepare.ts';
import { useSession } from '../session/session.tsx';
import { SweepBar } from './sweep-bar.tsx';
import styles from './sweeps.module.css';

const columns: readonly DataColumn<SweepRow>[] = [
  {
    title: 'Experiment',
    cell: (sweep) => (
      <Link href={`/sweeps/${sweep.id}`} className={styles.link}>
        {sweep.experiment}
      </Link>
    ),
  },
  { title: 'Status', cell: ({ state }) => <StateMark state={state} /> },
  {
    title: 'Runs',
    minor: true,
    cell: (sweep) => (
      <div className={styles.barCell}>
        <SweepBar sweep={sweep} />
      </div>
    ),
  },
  { title: 'Done', kind: 'number', cell: doneText },
  {
    title: 'Started',
    minor: true,
    cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
  },
  { title: 'By', minor: true, cell: requester },
];

function doneText({ counts, planned }: SweepRow): string {
  const { succeeded = 0, failed = 0, cancelled = 0 } = counts;
  return `${formatCount(succeeded + failed + cancelled)} of ${formatCount(planned)}`;
}

export function SweepsPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { project, can } = useSession();
  const input = { projectId: project.id, limit: 50 };
  const sweeps = usePages(trpc.sweeps.list.infiniteQueryKey(input), (page, signal) =>
    client.sweeps.list.query({ ...input, ...page }, { signal }),
  );
  const rows = sweeps.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Sweeps">
      {sweeps.error && (
        <FaultNotice
          title="The sweeps could not be loaded"
          fault={errorBody(sweeps.error)}
          retry={() => void sweeps.refetch()}
        />
      )}
      {sweeps.isPending && <BoneRows rows={6} widths={[180, 90, 260, 60, 90, 90]} />}
      {sweeps.data && rows.length === 0 && (
        <Empty
          title="No sweeps yet"
          example={`seeds: [1, 2, 3]
sweep:
  over: { student.attention: [dot, inhibitor], student.layers: [2, 3] }
  parallel: 2`}
          action={
            can('member') && (
              <ButtonLink href="/launch" look="primary">
                Launch a sweep
              </ButtonLink>
            )
          }
        >
          A sweep is a space of runs: each value of each axis, with each seed. It will stand here as
          a grid that fills while it runs. These lines in an experiment file ask for twelve runs:
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable label="Sweeps" columns={columns} rows={rows} keyOf={({ id }) => id} />
      )}
      {sweeps.hasNextPage && (
        <div>
          <Button busy={sweeps.isFetchingNextPage} onClick={() => void sweeps.fetchNextPage()}>
            Show older sweeps
          </Button>
        </div>
      )}
    </Page>
  );
}
