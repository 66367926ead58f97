// The host's Prometheus metrics, by the names that contracts declare.
import type { Telemetry } from '@stillwatt/activities';
import { type MetricDeclaration, metricDeclarations } from '@stillwatt/contracts';
import type { LocalProcessExecutor } from '@stillwatt/executors';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Counts what activities tell, and asks the executor for its slots when it is read. */
export function createTelemetry(
  capacity: LocalProcessExecutor['capacity'],
): Telemetry & { registry: Registry } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const of = (declaration: MetricDeclaration) => ({
    name: declaration.name,
    help: declaration.help,
    labelNames: [...declaration.labels],
    registers: [registry],
  });
  const { stageDuration, stagesRunning, stageCacheHits, metricPoints, slotsTotal } =
    metricDeclarations;
  const duration = new Histogram({ ...of(stageDuration), buckets: [...stageDuration.buckets] });
  const running = new Gauge(of(stagesRunning));
  const hits = new Counter(of(stageCacheHits));
  const points = new Counter(of(metricPoints));
  new Gauge({
    ...of(slotsTotal),
    collect() {
      const { total, taken, waiting } = capacity();
      this.set({ state: 'taken' }, taken);
      this.set({ state: 'free' }, total - taken);
      this.set({ state: 'waiting' }, waiting);
    },
  });

  return {
    registry,
    stageStarted: (kind) => running.inc({ kind }),
    stageEnded(kind, state, seconds) {
      running.dec({ kind });
      if (seconds !== null) duration.observe({ kind, state }, seconds);
    },
    cacheHit: (kind) => hits.inc({ kind }),
    metricPoints: (count) => points.inc(count),
  };
}
