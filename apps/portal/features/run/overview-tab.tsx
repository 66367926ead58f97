'use client';
// The models of a run with their figures: the demo's table.
import { isFinal, type Latency, type ModelRow, type RunDetail } from '@stillwatt/contracts';
import { Energy, NotMeasured } from '../../ui/figure.tsx';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatSi,
  formatSignificant,
} from '../../ui/format.ts';
import { Empty } from '../../ui/notice.tsx';
import table from '../../ui/table.module.css';
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
      <div className={table.wrap} tabIndex={0} role="group" aria-label="Models">
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Attention</th>
              <th scope="col">Precision</th>
              <th scope="col" className={table.number}>
                Accuracy (95 %)
              </th>
              <th scope="col" className={table.number}>
                n
              </th>
              <th scope="col" className={table.number}>
                p50
              </th>
              <th scope="col" className={table.number}>
                p95
              </th>
              <th scope="col" className={table.number}>
                Texts / s
              </th>
              <th scope="col" className={table.number}>
                Energy
              </th>
              <th scope="col" className={table.number}>
                Size
              </th>
              <th scope="col" className={table.number}>
                Parameters
              </th>
              <th scope="col" className={table.number}>
                Peak memory
              </th>
            </tr>
          </thead>
          <tbody>
            {run.models.map((model) => (
              <ModelLine key={model.role} model={model} run={run} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>{conditions(run.models)}</p>
      <Profiles run={run} />
    </div>
  );
}

function ModelLine({ model, run }: { model: ModelRow; run: RunDetail }) {
  const window = headlineLatency(model.latency);
  const accuracy = modelAccuracy(model, run.state);
  const why = <NotMeasured reason={missing('profiling', run.state)} />;
  return (
    <tr>
      <th scope="row" className={styles.rowHead}>
        {modelName(model.role)}
      </th>
      <td>
        <AttentionMark attention={model.attention} />
      </td>
      <td>
        <PrecisionMark precision={model.precision} />
      </td>
      <td className={table.number}>
        {accuracy ?? <NotMeasured reason={missing('evaluation', run.state)} />}
      </td>
      <td className={table.number}>{model.n === null ? '–' : formatCount(model.n)}</td>
      <td className={table.number}>{window ? formatMs(window.p50Ms) : why}</td>
      <td className={table.number}>{window ? formatMs(window.p95Ms) : why}</td>
      <td className={table.number}>
        {window ? formatSignificant(window.throughputPerSecond) : why}
      </td>
      <td className={table.number}>
        <Energy measured={window?.energyPerInference ?? null} />
      </td>
      <td className={table.number}>{formatBytes(model.sizeBytes)}</td>
      <td className={table.number}>{formatSi(model.parameters, '')}</td>
      <td className={table.number}>
        {model.peakRssBytes === null ? why : formatBytes(model.peakRssBytes)}
      </td>
    </tr>
  );
}

/** Under what the latency of the table was measured, and whose profile it is. */
function conditions(models: readonly ModelRow[]): string {
  const window = models.map((model) => headlineLatency(model.latency)).find((one) => one !== null);
  const reused = models.filter((model) => model.profiledBy !== null).length;
  const latency = window ? `Latency of ${window.length} tokens, batch ${window.batch}. ` : '';
  const whose = reused > 0 ? ` ${reused} of the profiles were measured by an earlier run.` : '';
  return `${latency}Accuracy intervals come from the number of examples alone, not from seeds.${whose}`;
}

function Profiles({ run }: { run: RunDetail }) {
  const lines = run.models.flatMap((model) =>
    (model.latency ?? []).map((window): [ModelRow, Latency] => [model, window]),
  );
  if (lines.length === 0) return null;
  return (
    <details>
      <summary className={styles.summary}>Every latency window ({lines.length})</summary>
      <div className={table.wrap} tabIndex={0} role="group" aria-label="Latency windows">
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" className={table.number}>
                Tokens
              </th>
              <th scope="col" className={table.number}>
                Batch
              </th>
              <th scope="col" className={table.number}>
                Requests
              </th>
              <th scope="col" className={table.number}>
                p50
              </th>
              <th scope="col" className={table.number}>
                p95
              </th>
              <th scope="col" className={table.number}>
                p99
              </th>
              <th scope="col" className={table.number}>
                Texts / s
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map(([model, window]) => (
              <tr key={`${model.role} ${window.length} ${window.batch}`}>
                <td>{modelName(model.role)}</td>
                <td className={table.number}>{window.length}</td>
                <td className={table.number}>{window.batch}</td>
                <td className={table.number}>{formatCount(window.requests)}</td>
                <td className={table.number}>{formatMs(window.p50Ms)}</td>
                <td className={table.number}>{formatMs(window.p95Ms)}</td>
                <td className={table.number}>{formatMs(window.p99Ms)}</td>
                <td className={table.number}>{formatSignificant(window.throughputPerSecond)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
