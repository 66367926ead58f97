// Records the histories that the replay test replays: `node tests/replay/record.ts`. Run it when a workflow gains a path;
// histories of released code stay, since workflows started by it are still running somewhere.
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { scriptActivities } from '../support/scripted-activities.ts';
import { startDevServer } from '../support/workflow-server.ts';
import { scenarios } from './scenarios.ts';

const folder = fileURLToPath(new URL('histories/', import.meta.url));
const isForced = process.argv.includes('--force');

const server = await startDevServer({ 'limit.historyCount.suggestContinueAsNew': '60' });
const { client } = server.env;
for (const [name, play] of Object.entries(scenarios)) {
  const script = scriptActivities(client, name);
  const worker = await server.work(script.activities);
  for (const [file, id] of Object.entries(await play(client, script))) {
    const path = `${folder}${file}.json`;
    if (existsSync(path) && !isForced) {
      console.log(`kept      ${file} (--force records it anew)`);
      continue;
    }
    const [workflowId = '', runId] = id.split('#');
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    writeFileSync(
      path,
      `${JSON.stringify(withoutMachine(JSON.parse(historyToJSON(history))), null, 1)}\n`,
    );
    console.log(`recorded  ${file} (${history.events?.length ?? 0} events)`);
  }
  await worker.stop();
}
await server.stop();

/** Histories name process and machine (`123@host`), and folders in stack traces: replay does not need them. */
function withoutMachine(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMachine);
  if (typeof value === 'string') return /^\d+@/.test(value) ? 'worker' : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'stackTrace' ? '' : withoutMachine(inner),
    ]),
  );
}
