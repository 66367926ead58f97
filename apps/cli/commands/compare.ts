// `stillwatt compare`: runs side by side with the spec paths in which they differ.
import { type Api, cut, renderColumns, renderResults } from '@stillwatt/local';
import { projectOf } from '../connect.ts';
import type { Answer } from '../io.ts';

export async function compare(api: Api, runIds: string[], width: number): Promise<Answer> {
  const projectId = await projectOf(api);
  const compared = await api.call('runs.compare', { projectId, runIds: runIds.join(',') });
  const { runs, differences } = compared;
  const columns = [
    { title: 'differs in', align: 'left', key: true },
    ...runs.map(({ id }) => ({ title: id, align: 'left' as const })),
  ] as const;
  const rows = differences.map(({ path, values }) => [path, ...values.map(valueText)]);
  const table =
    rows.length === 0
      ? 'The specs are the same.'
      : renderColumns([...columns], rows, width).trimEnd();
  return { json: compared, text: `${renderResults(runs, width)}\n${table}` };
}

function valueText(value: unknown): string {
  if (value === null) return 'not set';
  return cut(typeof value === 'string' ? value : JSON.stringify(value), 40);
}
