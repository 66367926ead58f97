// Names of the environment variables that the parts of the platform hand each other.

export const variables = {
  /** Folder of the embedded stack: databases, logs, attempts. */
  home: 'STILLWATT_HOME',
  /** Downloads that set-up pinned: `sources/<name>@<version>/`, temporal, libtensorflow. */
  cache: 'STILLWATT_CACHE',
  /** Root of the file artifact store. */
  artifacts: 'STILLWATT_ARTIFACTS',
  /** Marks every process of one embedded stack, so that its supervisor can end them all. */
  stack: 'STILLWATT_STACK',
  databaseUrl: 'DATABASE_URL',
  temporalAddress: 'TEMPORAL_ADDRESS',
  /** Address under which people open the portal. */
  url: 'STILLWATT_URL',
  port: 'PORT',
  /** Signs sessions. */
  authSecret: 'STILLWATT_AUTH_SECRET',
  /** One-time token: first administrator, and the local API key of the demo. */
  adminToken: 'STILLWATT_ADMIN_TOKEN',
  /** API key of a project, for the CLI. */
  apiKey: 'STILLWATT_API_KEY',
  /** Port of the host's /metrics. */
  metricsPort: 'STILLWATT_METRICS_PORT',
  /** Bearer token of the portal's /metrics; without it they are served under a loopback address only. */
  metricsToken: 'STILLWATT_METRICS_TOKEN',
  /** debug, info, warn or error. */
  logLevel: 'STILLWATT_LOG_LEVEL',
  /** CPU slots of the local executor; default: the CPUs of the machine. */
  slots: 'STILLWATT_SLOTS',
  /** Forces a variant of the native kernels: avx512-vnni, avx2-vnni, avx2 or scalar. */
  kernels: 'STILLWATT_KERNELS',
  /** Folder of larger data for tests. */
  testData: 'STILLWATT_TEST_DATA',
} as const;
