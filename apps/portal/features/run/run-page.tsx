'use client';
// A run: how it goes, what it measured, and what people say about it.
import type { RunDetail } from '@stillwatt/contracts';
import { useQuery } from '@tanstack/react-query';
import { blockingFault, isGone, useTRPC } from '../../server/client.tsx';
import { ButtonLink } from '../../ui/button.tsx';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { Bone, BoneBlock } from '../../ui/skeleton.tsx';
import { useCrumbs } from '../frame/crumbs.tsx';
import { useLiveRun } from '../live/live.tsx';
import { runName } from '../runs/prepare.ts';
import { useFollowProject } from '../session/session.tsx';
import { Comments } from './comments.tsx';
import { failure } from './prepare.ts';
import { RunHeader } from './run-header.tsx';
import { RunTabs } from './run-tabs.tsx';
import styles from './run.module.css';
import { StagePanel } from './stage-panel.tsx';
import { StageTimeline } from './stage-timeline.tsx';
import { useRunView } from './use-run-view.ts';

export function RunPage({ runId }: { runId: string }) {
  const trpc = useTRPC();
  const run = useQuery(trpc.runs.get.queryOptions({ runId }));
  const fault = blockingFault(run);
  // Of a run that is not there, the connection would end with the same answer.
  useLiveRun(fault ? null : runId);
  useFollowProject(run.data?.projectId);
  useCrumbs(run.data ? crumbs(run.data) : []);
  if (fault) {
    return isGone(fault) ? (
      <Empty
        page
        title="There is no such run, or it is not yours to see"
        action={<ButtonLink href="/runs">Go to the runs</ButtonLink>}
      >
        The address names <code>{runId}</code>. Check it, and with which account you are signed in.
      </Empty>
    ) : (
      <Page>
        <FaultNotice
          title="The run could not be loaded"
          fault={fault}
          retry={() => void run.refetch()}
        />
      </Page>
    );
  }
  if (run.data === undefined) return <RunSkeleton />;
  return <RunView run={run.data} />;
}

function crumbs(run: RunDetail) {
  const sweep = run.sweepId === null ? [] : [{ text: 'sweep', href: `/sweeps/${run.sweepId}` }];
  return [...sweep, { text: runName(run) }];
}

function RunView({ run }: { run: RunDetail }) {
  const [view, setView] = useRunView();
  const failed = failure(run);
  const stage = run.stages.find((one) => one.name === view.stage);
  return (
    <div className={styles.page}>
      <div className={styles.main}>
        {failed && (
          <FaultNotice
            title={failed.stage === null ? 'The run failed' : `Stage ${failed.stage} failed`}
            fault={failed.error}
          />
        )}
        <RunHeader run={run} />
        <StageTimeline
          run={run}
          chosen={stage?.name ?? null}
          choose={(name) => void setView({ stage: name === stage?.name ? null : name })}
        />
        {stage && (
          <StagePanel
            stage={stage}
            close={() => void setView({ stage: null })}
            show={(tab) => void setView({ tab })}
          />
        )}
        <RunTabs run={run} view={view} setView={setView} />
      </div>
      <Comments run={run} />
    </div>
  );
}

function RunSkeleton() {
  return (
    <div className={styles.page} role="status" aria-label="Loading the run">
      <div className={styles.main}>
        <Bone width={280} height={24} />
        <div className={styles.figures}>
          {[0, 1, 2, 3].map((figure) => (
            <div key={figure} className={styles.figure}>
              <Bone width={80} />
              <Bone width={120} height={28} />
              <Bone width={140} />
            </div>
          ))}
        </div>
        <BoneBlock height={264} label="Loading the stages" />
        <BoneBlock height={200} label="Loading the details" />
      </div>
      <aside className={styles.aside}>
        <Bone width={100} height={16} />
        <Bone height={64} />
      </aside>
    </div>
  );
}
