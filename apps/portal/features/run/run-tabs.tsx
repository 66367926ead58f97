'use client';
// The tabs of a run.
import type { RunDetail } from '@stillwatt/contracts';
import { Tabs } from '../../ui/tabs.tsx';
import { ArtifactsTab } from './artifacts-tab.tsx';
import { LogsTab } from './logs-tab.tsx';
import { MetricsTab } from './metrics-tab.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { SpecTab } from './spec-tab.tsx';
import type { RunViewState, SetRunView } from './use-run-view.ts';

export function RunTabs({
  run,
  view,
  setView,
}: {
  run: RunDetail;
  view: RunViewState;
  setView: SetRunView;
}) {
  return (
    <Tabs
      label="Parts of the run"
      value={view.tab}
      onChange={(tab) => void setView({ tab })}
      tabs={[
        { value: 'overview', text: 'Overview', content: () => <OverviewTab run={run} /> },
        {
          value: 'metrics',
          text: 'Metrics',
          content: () => <MetricsTab run={run} stage={view.stage} />,
        },
        {
          value: 'logs',
          text: 'Logs',
          content: () => (
            <LogsTab run={run} stage={view.stage} setStage={(stage) => void setView({ stage })} />
          ),
        },
        { value: 'spec', text: 'Spec', content: () => <SpecTab run={run} /> },
        { value: 'artifacts', text: 'Artifacts', content: () => <ArtifactsTab run={run} /> },
      ]}
    />
  );
}
