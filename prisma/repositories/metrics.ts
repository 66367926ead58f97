// Metric points: written in batches, read as curves.
import type { MetricSeries } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { type Sql, sql } from '../sql.ts';
import type { MetricPoint, Metrics } from '../types.ts';
import { stageEvents } from './events.ts';

/** Rows of one INSERT: longer ones are no faster. */
const batchRows = 5000;
/** First, last, lowest and highest of a bucket: the line drawn through them looks like the line through all. */
const pointsPerBucket = 4;

export function createMetrics({ sql: db }: Connection): Metrics {
  return {
    async append(stagePath, points) {
      const series = await seriesNumbers(db, stagePath, new Set(points.map(({ name }) => name)));
      let written = 0;
      for (let start = 0; start < points.length; start += batchRows) {
        const batch = points.slice(start, start + batchRows);
        written += await insertBatch(db, stagePath, series, batch);
      }
      return written;
    },

    async ofRun(runId, maxPoints) {
      const buckets = Math.max(1, Math.floor(maxPoints / pointsPerBucket));
      const rows = await db.many<MetricSeries & { steps: number[]; values: (number | null)[] }>(sql`
        WITH series AS (
          SELECT s.name AS stage, s.ordinal, m.id, m.name, p.n
            FROM stage s JOIN metric_series m ON m.stage_path = coalesce(s.owner_path, s.path),
                 LATERAL (SELECT count(*) AS n FROM metric_point WHERE series_id = m.id) AS p
           WHERE s.run_id = ${runId}
        ), points AS (
          SELECT p.series_id, p.step, p.value
            FROM series JOIN metric_point p ON p.series_id = series.id
           WHERE series.n <= ${maxPoints}
          UNION
          SELECT t.id, kept.point[1]::int, kept.point[2]
            FROM (SELECT id,
                         min(ARRAY[step, value]) AS first, max(ARRAY[step, value]) AS last,
                         min(ARRAY[value, step]) AS lowest, max(ARRAY[value, step]) AS highest
                    FROM (SELECT series.id, p.step::float8 AS step, p.value,
                                 (row_number() OVER (PARTITION BY series.id ORDER BY p.step) - 1)
                                   * ${buckets}::int / series.n AS bucket
                            FROM series JOIN metric_point p ON p.series_id = series.id
                           WHERE series.n > ${maxPoints}) AS numbered
                   GROUP BY id, bucket) AS t,
                 LATERAL (VALUES (t.first), (t.last), (ARRAY[t.lowest[2], t.lowest[1]]),
                                 (ARRAY[t.highest[2], t.highest[1]])) AS kept(point)
        )
        SELECT series.stage, series.name, array_agg(points.step ORDER BY points.step) AS steps,
               array_agg(points.value ORDER BY points.step) AS values
          FROM series JOIN points ON points.series_id = series.id
         GROUP BY series.ordinal, series.stage, series.name ORDER BY series.ordinal, series.name`);
      return rows.map(({ stage, name, steps, values }) => ({
        stage,
        name,
        points: steps.map((step, index) => ({ step, value: values[index] ?? null })),
      }));
    },
  };
}

/** Name → number of its series, made where missing. */
async function seriesNumbers(
  db: Sql,
  stagePath: string,
  names: ReadonlySet<string>,
): Promise<Map<string, number>> {
  const found = await readSeries(db, stagePath);
  const missing = [...names].filter((name) => !found.has(name));
  if (missing.length === 0) return found;
  await db.run(sql`
    INSERT INTO metric_series (stage_path, name) SELECT ${stagePath}, unnest(${missing}::text[])
    ON CONFLICT (stage_path, name) DO NOTHING`);
  return readSeries(db, stagePath);
}

async function readSeries(db: Sql, stagePath: string): Promise<Map<string, number>> {
  const rows = await db.many<{ id: number; name: string }>(
    sql`SELECT id, name FROM metric_series WHERE stage_path = ${stagePath}`,
  );
  return new Map(rows.map(({ id, name }) => [name, id]));
}

async function insertBatch(
  db: Sql,
  stagePath: string,
  series: ReadonlyMap<string, number>,
  batch: readonly MetricPoint[],
): Promise<number> {
  const ids = batch.map(({ name }) => series.get(name));
  const steps = batch.map(({ step }) => step);
  const values = batch.map(({ value }) => value);
  const row = await db.one<{ written: number }>(sql`
    WITH written AS (
      INSERT INTO metric_point (series_id, step, value)
      SELECT * FROM unnest(${ids}::bigint[], ${steps}::int[], ${values}::float8[])
      ON CONFLICT (series_id, step) DO NOTHING RETURNING 1
    ), told AS (${stageEvents('metrics', stagePath, sql`SELECT FROM written`)})
    SELECT count(*) AS written FROM written`);
  return row?.written ?? 0;
}
