'use client';
// The models of a run with their figures: the demo's table.
import { isFinal, type Latency, type ModelRow, type RunDetail } from '@stillwatt/contracts';
import { type DataColumn, DataTable } from '../../ui/data-table.tsx';
import { Energy, NotMeasured } from '../../ui/figure.tsx';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatSi,
  formatSignificant,
} from '../../ui/format.ts';
import { Empty } from '../../ui/notice.tsx';
import { AttentionMark, PrecisionMark } from '../runs/cells.tsx';
import { headlineLatency, missing } from '../runs/prepare.ts';
import { modelAccuracy, modelName } from './prepare.ts';
import styles from './run.module.css';

export function OverviewTab({ run }: { run: RunDetail }) {
  if (run.models.length === 0) {
    return isFinal(run.state) ? (
      <Empty title="No model was made">
        The run ended before its teacher was trained; the stages above say where.
      </Empty>
    ) : (
      <Empty title="No model yet">
        The teacher, the student and its quantized twin will stand here side by side as soon as the
        first is trained. Until then the stages above show what is being done.
      </Empty>
    );
  }
  return (
    <div className={styles.stack}>
      <DataTable
        label="Models"
        wide
        columns={modelColumns(run.state)}
        rows={run.models}
        keyOf={({ role }) => role}
      />
      <p className={styles.note}>{conditions(run.models)}</p>
      <Profiles run={run} />
    </div>
  );
}

function modelColumns(state: RunDetail['state']): DataColumn<ModelRow>[] {
  const unprofiled = <NotMeasured reason={missing('profiling', state)} />;
  const unevaluated = <NotMeasured reason={missing('evaluation', state)} />;
  const latency = (title: string, show: (window: Latency) => string): DataColumn<ModelRow> => ({
    title,
    kind: 'number',
    cell: (model) => {
      const window = headlineLatency(model.latency);
      return window ? show(window) : unprofiled;
    },
  });
  return [
    { title: 'Model', names: true, cell: ({ role }) => modelName(role) },
    { title: 'Attention', cell: ({ attention }) => <AttentionMark attention={attention} /> },
    { title: 'Precision', cell: ({ precision }) => <PrecisionMark precision={precision} /> },
    {
      title: 'Accuracy (95 %)',
      kind: 'number',
      cell: (model) => modelAccuracy(model, state) ?? unevaluated,
    },
    {
      title: 'n',
      kind: 'number',
      cell: ({ n }) => (n === null ? unevaluated : formatCount(n)),
    },
    latency('p50', ({ p50Ms }) => formatMs(p50Ms)),
    latency('p95', ({ p95Ms }) => formatMs(p95Ms)),
    latency('Texts / s', ({ throughputPerSecond }) => formatSignificant(throughputPerSecond)),
    {
      title: 'Energy',
      kind: 'number',
      cell: (model) => (
        <Energy measured={headlineLatency(model.latency)?.energyPerInference ?? null} />
      ),
    },
    { title: 'Size', kind: 'number', cell: ({ sizeBytes }) => formatBytes(sizeBytes) },
    { title: 'Parameters', kind: 'number', cell: ({ parameters }) => formatSi(parameters, '') },
    {
      title: 'Peak memory',
      kind: 'number',
      cell: ({ peakRssBytes }) => (peakRssBytes === null ? unprofiled : formatBytes(peakRssBytes)),
    },
  ];
}

/** Under what the latency of the table was measured, and whose profile it is. */
function conditions(models: readonly ModelRow[]): string {
  const window = models.map((model) => headlineLatency(model.latency)).find((one) => one !== null);
  const reused = models.filter((model) => model.profiledBy !== null).length;
  const latency = window ? `Latency of ${window.length} tokens, batch ${window.batch}. ` : '';
  const whose = reused > 0 ? ` ${reused} of the profiles were measured by an earlier run.` : '';
  return `${latency}Accuracy intervals come from the number of examples alone, not from seeds.${whose}`;
}

interface ProfileLine {
  role: ModelRow['role'];
  window: Latency;
}

const profileColumns: readonly DataColumn<ProfileLine>[] = [
  { title: 'Model', cell: ({ role }) => modelName(role) },
  { title: 'Tokens', kind: 'number', cell: ({ window }) => window.length },
  { title: 'Batch', kind: 'number', cell: ({ window }) => window.batch },
  { title: 'Requests', kind: 'number', cell: ({ window }) => formatCount(window.requests) },
  { title: 'p50', kind: 'number', cell: ({ window }) => formatMs(window.p50Ms) },
  { title: 'p95', kind: 'number', cell: ({ window }) => formatMs(window.p95Ms) },
  { title: 'p99', kind: 'number', cell: ({ window }) => formatMs(window.p99Ms) },
  {
    title: 'Texts / s',
    kind: 'number',
    cell: ({ window }) => formatSignificant(window.throughputPerSecond),
  },
];

function Profiles({ run }: { run: RunDetail }) {
  const lines = run.models.flatMap(({ role, latency }) =>
    (latency ?? []).map((window): ProfileLine => ({ role, window })),
  );
  if (lines.length === 0) return null;
  return (
    <details>
      <summary className={styles.summary}>Every latency window ({lines.length})</summary>
      <DataTable
        label="Latency windows"
        wide
        columns={profileColumns}
        rows={lines}
        keyOf={({ role, window }) => `${role} ${window.length} ${window.batch}`}
      />
    </details>
  );
}
