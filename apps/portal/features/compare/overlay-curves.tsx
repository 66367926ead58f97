'use client';
// The curves of several runs over each other, one metric at a time.
import type { RunDetail } from '@stillwatt/contracts';
import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTRPC } from '../../server/client.tsx';
import { ChartEmpty, ChartFrame } from '../../ui/chart/frame.tsx';
import { colours } from '../../ui/chart/palette.ts';
import type { ChartSpec } from '../../ui/chart/series.ts';
import { Select } from '../../ui/field.tsx';
import { formatCount, formatSignificant } from '../../ui/format.ts';
import { Section } from '../../ui/page.tsx';
import { BoneBlock } from '../../ui/skeleton.tsx';
import { useDark } from '../../ui/theme.ts';
import styles from './compare.module.css';
import { curveNames, overlay } from './overlay.ts';

/** More curves cannot be told apart. */
const mostDrawn = 12;

export function OverlayCurves({ runs }: { runs: RunDetail[] }) {
  const trpc = useTRPC();
  const dark = useDark();
  const [wanted, setWanted] = useState<string | null>(null);
  const drawn = runs.slice(0, mostDrawn);
  const answers = useQueries({
    queries: drawn.map((run) => trpc.runs.metrics.queryOptions({ runId: run.id, maxPoints: 1000 })),
    combine: (all) => ({
      pending: all.some((one) => one.isPending),
      series: all.map((one) => one.data?.series ?? []),
    }),
  });
  const names = curveNames(answers.series);
  const name = names.find((one) => one === wanted) ?? names[0] ?? null;
  const spec = useMemo(
    (): ChartSpec | null =>
      name === null
        ? null
        : {
            title: name,
            xTitle: 'Step',
            yTitle: name.split(' ').at(-1) ?? name,
            kind: 'curves',
            series: overlay(drawn, answers.series, name, colours(dark)),
            formatX: formatCount,
            formatY: (y) => formatSignificant(y, 4),
          },
    // The answers are new objects in each frame; their curves change with the data alone.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [
      name,
      dark,
      JSON.stringify(answers.series.map((one) => one.map((two) => two.points.length))),
      runs,
    ],
  );
  return (
    <Section
      title="Curves"
      about={runs.length > mostDrawn ? `of the first ${mostDrawn} runs` : undefined}
      actions={
        names.length > 1 && (
          <div className={styles.pick}>
            <Select
              label="Metric"
              value={name ?? ''}
              options={names.map((one) => [one, one] as const)}
              onChange={(event) => setWanted(event.target.value)}
            />
          </div>
        )
      }
    >
      {answers.pending ? (
        <BoneBlock height={330} label="Loading the curves" />
      ) : spec === null ? (
        <ChartEmpty title="Training loss">None of these runs has curves yet.</ChartEmpty>
      ) : (
        <ChartFrame spec={spec} />
      )}
    </Section>
  );
}
