// Every recorded history replays with the code of today: a running workflow survives the update.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Runtime, Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { prepareBundle } from '../../workers/host/bundle.ts';
import { quietLogger } from '../support/workflow-server.ts';

Runtime.install({ logger: quietLogger, shutdownSignals: [] });
const folder = fileURLToPath(new URL('histories/', import.meta.url));
const files = readdirSync(folder).sort();

interface History {
  events: {
    workflowExecutionStartedEventAttributes?: { input?: { payloads: { data: string }[] } };
  }[];
}
const read = (file: string) => JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as History;
const replay = async (history: History) =>
  Worker.runReplayHistory({ workflowBundle: await prepareBundle(quietLogger) }, history);

it('has histories of every kind of workflow', () => {
  const kinds = new Set(files.map((file) => file.split('-')[0]));
  expect(kinds).toEqual(new Set(['run', 'scheduled', 'stage', 'sweep']));
});

it.each(files)('%s', async (file) => {
  await replay(read(file));
});

it('notices code that would have done something else', async () => {
  const history = read('run-succeeded.json');
  const payload = history.events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads[0];
  if (!payload) throw new Error('the history has no input');
  const run = JSON.parse(Buffer.from(payload.data, 'base64').toString()) as {
    spec: { quantize: { scheme: string } };
  };
  // With this spec today's code plans other stages than those in the history.
  run.spec.quantize.scheme = 'none';
  payload.data = Buffer.from(JSON.stringify(run)).toString('base64');
  await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
});
