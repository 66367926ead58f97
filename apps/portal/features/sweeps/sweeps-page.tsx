'use client';
// The sweeps of the project.
import Link from 'next/link';
import { errorBody, useTRPC, useTRPCClient } from '../../server/client.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { BoneRows } from '../../ui/skeleton.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import table from '../../ui/table.module.css';
import { RelativeTime } from '../../ui/time.tsx';
import { usePages } from '../live/use-pages.ts';
import { useSession } from '../session/session.tsx';
import { SweepBar } from './sweep-bar.tsx';
import styles from './sweeps.module.css';

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
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Experiment</th>
              <th scope="col">Status</th>
              <th scope="col" className={table.minor}>
                Runs
              </th>
              <th scope="col" className={table.number}>
                Done
              </th>
              <th scope="col" className={table.minor}>
                Started
              </th>
              <th scope="col" className={table.minor}>
                By
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((sweep) => (
              <tr key={sweep.id}>
                <td>
                  <Link href={`/sweeps/${sweep.id}`} className={styles.link}>
                    {sweep.experiment}
                  </Link>
                </td>
                <td>
                  <StateMark state={sweep.state} />
                </td>
                <td className={`${table.minor} ${styles.barCell}`}>
                  <SweepBar sweep={sweep} />
                </td>
                <td className={table.number}>
                  {(sweep.counts.succeeded ?? 0) +
                    (sweep.counts.failed ?? 0) +
                    (sweep.counts.cancelled ?? 0)}{' '}
                  of {sweep.planned}
                </td>
                <td className={table.minor}>
                  <RelativeTime at={sweep.createdAt} />
                </td>
                <td className={table.minor}>
                  {sweep.requestedBy?.name ??
                    (sweep.scheduleId === null ? 'an API key' : 'a schedule')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
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
