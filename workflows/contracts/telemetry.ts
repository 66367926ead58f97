// Names, help texts and labels of every Prometheus metric, declared once.

export interface MetricDeclaration {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the metric's base unit. */
  buckets?: readonly number[];
}

const seconds = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800, 7200] as const;

export const metricDeclarations = {
  stageDuration: {
    name: 'stillwatt_stage_duration_seconds',
    help: 'Wall time of finished stage attempts',
    type: 'histogram',
    labels: ['kind', 'state'],
    buckets: seconds,
  },
  stagesRunning: {
    name: 'stillwatt_stages_running',
    help: 'Stage processes running now',
    type: 'gauge',
    labels: ['kind'],
  },
  stageCacheHits: {
    name: 'stillwatt_stage_cache_hits_total',
    help: 'Stages finished from an earlier equal stage',
    type: 'counter',
    labels: ['kind'],
  },
  metricPoints: {
    name: 'stillwatt_metric_points_total',
    help: 'Metric points written to the database',
    type: 'counter',
    labels: [],
  },
  slotsTotal: {
    name: 'stillwatt_executor_slots',
    help: 'CPU slots of the local executor',
    type: 'gauge',
    labels: ['state'],
  },
  requestDuration: {
    name: 'stillwatt_api_request_duration_seconds',
    help: 'Duration of API calls',
    type: 'histogram',
    labels: ['procedure', 'code'],
    buckets: seconds,
  },
  subscribers: {
    name: 'stillwatt_api_live_subscribers',
    help: 'Open live connections',
    type: 'gauge',
    labels: [],
  },
} as const satisfies Record<string, MetricDeclaration>;
