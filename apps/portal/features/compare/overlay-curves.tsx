'use client';
// The curves of several runs over each other, one metric at a time.
import type { MetricSeries, RunDetail } from '@stillwatt/contracts';
import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { ChartEmpty, ChartFrame } from '../../ui/chart/frame.tsx';
import { colours } from '../../ui/chart/palette.ts';
import type { ChartSpec } from '../../ui/chart/series.ts';
import { Select } from '../../ui/field.tsx';
import { formatCount, formatSignificant } from '../../ui/format.ts';
import { FaultNotice } from '../../ui/notice.tsx';
import { Section } from '../../ui/page.tsx';
import { BoneBlock } from '../../ui/skeleton.tsx';
import { useDark } from '../../ui/theme.ts';
import { metricQuantity } from '../run/prepare.ts';
import styles from './compare.module.css';
import { curveNames, curveTitle, overlay } from './overlay.ts';

/** More curves cannot be told apart. */
const mostDrawn = 12;

/** Stands outside the component: only then are equal answers the same object in every frame. */
function combine(
  all: { isPending: boolean; error: unknown; data?: { series: MetricSeries[] } | undefined }[],
) {
  return {
    pending: all.some((one) => one.isPending),
    error: all.find((one) => one.data === undefined && one.error !== null)?.error ?? null,
    series: all.map((one) => one.data?.series ?? []),
  };
}

export function OverlayCurves({ runs }: { runs: RunDetail[] }) {
  const trpc = useTRPC();
  const [wanted, setWanted] = useState<string | null>(null);
  const drawn = useMemo(() => runs.slice(0, mostDrawn), [runs]);
  const { pending, error, series } = useQueries({
    queries: drawn.map((run) => trpc.runs.metrics.queryOptions({ runId: run.id, maxPoints: 1000 })),
    combine,
  });
  const names = curveNames(series);
  const name = names.find((one) => one === wanted) ?? names[0] ?? null;
  return (
    <Section
      title="Curves"
      about={runs.length > mostDrawn ? `of the first ${mostDrawn} runs` : undefined}
      actions={
        names.length > 1 && (
          <div className={styles.pick}>
            <Select
              label="Metric"
              inline
              value={name ?? ''}
              options={names.map((one) => [one, curveTitle(one)] as const)}
              onChange={(event) => setWanted(event.target.value)}
            />
          </div>
        )
      }
    >
      {error !== null && (
        <FaultNotice title="Not every curve could be loaded" fault={errorBody(error)} />
      )}
      {pending ? (
        <BoneBlock height={330} label="Loading the curves" />
      ) : name === null && error !== null ? null : name === null ? (
        <ChartEmpty title="Training loss">None of these runs has curves yet.</ChartEmpty>
      ) : (
        <Curves name={name} runs={drawn} series={series} />
      )}
    </Section>
  );
}

function Curves({
  name,
  runs,
  series,
}: {
  name: string;
  runs: readonly RunDetail[];
  series: readonly (readonly MetricSeries[])[];
}) {
  const dark = useDark();
  const spec = useMemo(
    (): ChartSpec => ({
      title: curveTitle(name),
      xTitle: 'Step',
      yTitle: metricQuantity(name.split(' ').at(-1) ?? name),
      kind: 'curves',
      series: overlay(runs, series, name, colours(dark)),
      formatX: formatCount,
      formatY: (y) => formatSignificant(y, 4),
    }),
    [name, dark, series, runs],
  );
  return <ChartFrame spec={spec} />;
}
