// Prometheus metrics of the portal, as contracts declare them.
import { metricDeclarations } from '@stillwatt/contracts';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  /** Duration of one call. */
  observeCall(procedure: string, code: string, seconds: number): void;
  /** Open live connections: +1 and -1. */
  countSubscribers(change: 1 | -1): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { requestDuration, subscribers } = metricDeclarations;
  const calls = new Histogram({
    name: requestDuration.name,
    help: requestDuration.help,
    labelNames: requestDuration.labels,
    buckets: [...requestDuration.buckets],
    registers: [registry],
  });
  const open = new Gauge({
    name: subscribers.name,
    help: subscribers.help,
    labelNames: subscribers.labels,
    registers: [registry],
  });
  return {
    registry,
    observeCall: (procedure, code, seconds) => calls.observe({ procedure, code }, seconds),
    countSubscribers: (change) => open.inc(change),
  };
}
