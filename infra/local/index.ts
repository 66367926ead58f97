// The embedded stack for one machine, and what the demo and the CLI show of runs.
export { createApi, type Api, type ApiOptions } from './api-client.ts';
export { examine, examineAsText, type DoctorReport } from './doctor.ts';
export { layoutOf, type Layout } from './layout.ts';
export { createPaint, type Paint } from './render/colour.ts';
export { type Column, renderColumns } from './render/columns.ts';
export {
  cut,
  formatBytes,
  formatSeconds,
  formatShare,
  formatSi,
  formatSignificant,
  notMeasured,
} from './render/format.ts';
export { createLiveView, type LiveView, type LiveViewOptions } from './render/live-view.ts';
export { renderResults } from './render/result-table.ts';
export { endLine, liveLine, runLabel, stageLabel } from './render/stage-line.ts';
export { renderSummary } from './render/summary.ts';
export { loadSecrets, type Secrets } from './secrets.ts';
export { startStack, type Stack, type StackOptions, type StackUrls } from './stack.ts';
export {
  readState,
  type PartName,
  type PartState,
  type PartView,
  type StackState,
} from './state.ts';
export { watch, type Outcome, type Target } from './watch.ts';
