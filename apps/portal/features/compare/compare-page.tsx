'use client';
// Runs side by side: which one wins, by how much, and in what they differ.
import { modelRoles, type RunDetail } from '@stillwatt/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import {
  parseAsArrayOf,
  parseAsString,
  parseAsStringLiteral,
  useQueryState,
  useQueryStates,
} from 'nuqs';
import { blockingFault, useTRPC } from '../../server/client.tsx';
import { ButtonLink } from '../../ui/button.tsx';
import { Segments } from '../../ui/field.tsx';
import { plural } from '../../ui/format.ts';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { BoneBlock } from '../../ui/skeleton.tsx';
import { useSession } from '../session/session.tsx';
import { CompareTable } from './compare-table.tsx';
import { CostChart } from './cost-chart.tsx';
import { OverlayCurves } from './overlay-curves.tsx';
import { withBaseline } from './prepare.ts';

export function ComparePage() {
  const trpc = useTRPC();
  const { project } = useSession();
  const [ids, setIds] = useQueryState('runs', parseAsArrayOf(parseAsString).withDefault([]));
  const compared = useQuery(
    trpc.runs.compare.queryOptions(
      { projectId: project.id, runIds: ids },
      // Another baseline or one run less changes the columns, not the page.
      { enabled: ids.length > 0, placeholderData: keepPreviousData },
    ),
  );
  if (ids.length === 0) return <NothingChosen />;
  const fault = blockingFault(compared);
  if (fault) {
    return (
      <Page title="Compare">
        <FaultNotice
          title="These runs could not be compared"
          fault={fault}
          retry={() => void compared.refetch()}
        />
        <div>
          <ButtonLink href="/runs">Choose other runs</ButtonLink>
        </div>
      </Page>
    );
  }
  if (compared.data === undefined) {
    return (
      <Page title="Compare">
        <BoneBlock height={360} label="Loading the comparison" />
        <BoneBlock height={320} />
      </Page>
    );
  }
  return (
    <Comparison
      runs={compared.data.runs}
      differences={compared.data.differences}
      setBaseline={(id) => void setIds(withBaseline(ids, id))}
      remove={(id) => void setIds(ids.filter((one) => one !== id))}
    />
  );
}

const roleWords = { quantized: 'Quantized', student: 'Student', teacher: 'Teacher' } as const;
const view = {
  model: parseAsStringLiteral(modelRoles).withDefault('quantized'),
  cost: parseAsStringLiteral(['latency', 'size'] as const).withDefault('latency'),
};

function Comparison({
  runs,
  differences,
  setBaseline,
  remove,
}: {
  runs: RunDetail[];
  differences: { path: string; values: unknown[] }[];
  setBaseline: (runId: string) => void;
  remove: (runId: string) => void;
}) {
  const [{ model, cost }, setView] = useQueryStates(view, { history: 'replace' });
  return (
    <Page
      title={`Compare ${plural(runs.length, 'run')}`}
      actions={
        <Segments
          label="Accuracy against"
          inline
          value={cost}
          onChange={(next) => void setView({ cost: next })}
          options={[
            ['latency', 'Latency'],
            ['size', 'Size'],
          ]}
        />
      }
    >
      <CostChart runs={runs} axis={cost} />
      <Section
        title="Figures and differences"
        about="the baseline stands left; differences of accuracy with their 95 % interval"
        actions={
          <Segments
            label="Model"
            hideLabel
            value={model}
            onChange={(next) => void setView({ model: next })}
            options={(['quantized', 'student', 'teacher'] as const).map(
              (role) => [role, roleWords[role]] as const,
            )}
          />
        }
      >
        <CompareTable
          runs={runs}
          differences={differences}
          role={model}
          setBaseline={setBaseline}
          remove={remove}
        />
      </Section>
      <OverlayCurves runs={runs} />
    </Page>
  );
}

function NothingChosen() {
  return (
    <Page title="Compare">
      <Empty
        title="Choose runs to compare"
        action={
          <ButtonLink href="/runs" look="primary">
            Choose runs
          </ButtonLink>
        }
      >
        Tick two or more runs in the runs table, or press space on them, then Compare. They will
        stand here side by side: accuracy against latency and size, each figure with its difference
        to the baseline, and the spec keys in which they differ.
      </Empty>
    </Page>
  );
}
