'use client';
// A sweep: how far it is, its grid of cells and seeds, the best so far.
import { isFinal, runsAtOnce, type SweepDetail } from '@stillwatt/contracts';
import { useQuery } from '@tanstack/react-query';
import { Scale } from 'lucide-react';
import Link from 'next/link';
import { useMemo } from 'react';
import { blockingFault, isGone, useTRPC } from '../../server/client.tsx';
import { ButtonLink } from '../../ui/button.tsx';
import { formatEta, formatShare, plural } from '../../ui/format.ts';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { Bone, BoneBlock } from '../../ui/skeleton.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { Elapsed, RelativeTime, useNow } from '../../ui/time.tsx';
import { CostChart } from '../compare/cost-chart.tsx';
import { useCrumbs } from '../frame/crumbs.tsx';
import { requester, runName } from '../runs/prepare.ts';
import { useFollowProject } from '../session/session.tsx';
import { sweepEta, sweepFault, sweepGrid } from './prepare.ts';
import { SweepActions } from './sweep-actions.tsx';
import { SweepBar } from './sweep-bar.tsx';
import { SweepGridView } from './sweep-grid.tsx';
import styles from './sweeps.module.css';

/** As many as are compared at once. */
const mostCompared = 100;

export function SweepPage({ sweepId }: { sweepId: string }) {
  const trpc = useTRPC();
  const sweep = useQuery(trpc.sweeps.get.queryOptions({ sweepId }));
  useFollowProject(sweep.data?.projectId);
  useCrumbs(sweep.data ? [{ text: sweep.data.experiment }] : []);
  const fault = blockingFault(sweep);
  if (fault) {
    return isGone(fault) ? (
      <Empty
        page
        title="There is no such sweep, or it is not yours to see"
        action={<ButtonLink href="/sweeps">Go to the sweeps</ButtonLink>}
      >
        The address names <code>{sweepId}</code>. Check it, and with which account you are signed
        in.
      </Empty>
    ) : (
      <Page>
        <FaultNotice
          title="The sweep could not be loaded"
          fault={fault}
          retry={() => void sweep.refetch()}
        />
      </Page>
    );
  }
  if (sweep.data === undefined) {
    return (
      <Page title={<Bone width={220} height={24} />}>
        <Bone height={12} />
        <BoneBlock height={240} label="Loading the sweep" />
      </Page>
    );
  }
  return <SweepView sweep={sweep.data} />;
}

function SweepView({ sweep }: { sweep: SweepDetail }) {
  const fault = sweepFault(sweep);
  const isDrawn = fault === null || sweep.runs.length > 0;
  const grid = useMemo(() => (isDrawn ? sweepGrid(sweep) : null), [sweep, isDrawn]);
  const now = useNow();
  const eta = now === null ? null : sweepEta(sweep, now);
  const ended = sweep.runs.filter((run) => run.state === 'succeeded').map((run) => run.id);
  return (
    <Page>
      {fault && <FaultNotice title="The sweep failed" fault={fault} />}
      <header className={styles.header}>
        <div className={styles.titleLine}>
          <h1>{sweep.experiment}</h1>
          <StateMark state={sweep.state} badge />
          <span className={styles.grow} />
          {ended.length >= 2 && (
            <ButtonLink href={`/compare?runs=${ended.slice(0, mostCompared).join(',')}`}>
              <Scale size={14} aria-hidden />
              Compare {plural(Math.min(ended.length, mostCompared), 'run')}
            </ButtonLink>
          )}
          <SweepActions sweep={sweep} />
        </div>
        <p className={styles.facts}>
          {plural(sweep.planned, 'run')}, {runsAtOnce(sweep.spec)} at a time · started{' '}
          <RelativeTime at={sweep.createdAt} /> by {requester(sweep)} ·{' '}
          {sweep.finishedAt === null ? 'for' : 'took'}{' '}
          <Elapsed from={sweep.createdAt} to={sweep.finishedAt} />
          {eta !== null && ` · about ${formatEta(eta)} left`}
        </p>
        <SweepBar sweep={sweep} words />
      </header>
      {grid?.best && (
        <p className={styles.best}>
          {isFinal(sweep.state) ? 'Best' : 'Best so far'}:{' '}
          <Link href={`/runs/${grid.best.run.id}`}>{runName(grid.best.run)}</Link> with{' '}
          <strong>{formatShare(grid.best.accuracy, grid.best.n)}</strong>
          {grid.best.n !== null && ` of ${grid.best.n.toLocaleString('en-US')} examples`}
          {grid.best.equals > 0 && `, and ${plural(grid.best.equals, 'run')} exactly as good`}
        </p>
      )}
      {grid && (
        <Section
          title="Accuracy by cell and seed"
          about="of the smallest model made; stronger colour is better"
        >
          <SweepGridView grid={grid} />
          {grid.left > 0 && (
            <p className={styles.facts}>
              {plural(grid.left, 'more cell')} not drawn; all runs are in the{' '}
              <Link href={`/runs?q=${encodeURIComponent(sweep.experiment)}`}>runs table</Link>.
            </p>
          )}
        </Section>
      )}
      {ended.length > 0 && <CostChart runs={sweep.runs} axis="latency" />}
    </Page>
  );
}
