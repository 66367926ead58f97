// A Temporal dev server of its own for a test file: in memory, on a free port, gone at the end.
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { readInstalled } from '../../infra/local/installed.ts';

export interface TestTemporal {
  /** host:port */
  address: string;
  environment: TestWorkflowEnvironment;
  stop(): Promise<void>;
}

export async function startTemporal(): Promise<TestTemporal> {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: readInstalled().temporal },
      log: { format: 'pretty', level: 'error' },
    },
  });
  return { address: environment.address, environment, stop: () => environment.teardown() };
}
