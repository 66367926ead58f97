'use client';
// The metric curves of a run, live.
import type { RunDetail } from '@stillwatt/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { blockingFault, useTRPC } from '../../server/client.tsx';
import { ChartEmpty, ChartFrame } from '../../ui/chart/frame.tsx';
import { colours } from '../../ui/chart/palette.ts';
import type { ChartSpec } from '../../ui/chart/series.ts';
import { formatCount, formatSignificant } from '../../ui/format.ts';
import { FaultNotice } from '../../ui/notice.tsx';
import { BoneBlock } from '../../ui/skeleton.tsx';
import { useDark } from '../../ui/theme.ts';
import { metricCharts, metricQuantity } from './prepare.ts';
import styles from './run.module.css';

export function MetricsTab({ run, stage }: { run: RunDetail; stage: string | null }) {
  const trpc = useTRPC();
  const dark = useDark();
  const metrics = useQuery(trpc.runs.metrics.queryOptions({ runId: run.id }));
  const specs = useMemo(() => {
    const all = metrics.data?.series ?? [];
    const ofStage = all.filter((series) => series.stage === stage);
    const charts = metricCharts(ofStage.length > 0 ? ofStage : all, run.attention, colours(dark));
    return charts.map((chart): ChartSpec => ({
      title: chart.title,
      xTitle: 'Step',
      yTitle: metricQuantity(chart.name),
      kind: 'curves',
      series: chart.series,
      formatX: formatCount,
      formatY: (y) => formatSignificant(y, 4),
    }));
  }, [metrics.data, run.attention, stage, dark]);
  const fault = blockingFault(metrics);
  if (fault) {
    return (
      <FaultNotice
        title="The curves could not be loaded"
        fault={fault}
        retry={() => void metrics.refetch()}
      />
    );
  }
  if (metrics.data === undefined) {
    return (
      <div className={styles.charts}>
        <BoneBlock height={330} />
        <BoneBlock height={330} />
      </div>
    );
  }
  if (specs.length === 0) {
    return (
      <ChartEmpty title="Training loss">
        Curves begin with the first training steps; a stage from cache has its curves with the run
        that computed it.
      </ChartEmpty>
    );
  }
  return (
    <div className={styles.charts}>
      {specs.map((spec) => (
        <ChartFrame key={spec.title} spec={spec} height={240} group={run.id} />
      ))}
    </div>
  );
}
