// A worker host reduced to its executor, to be killed: starts one stage and says when it waits.
import { createLocalProcessExecutor } from '@stillwatt/executors';
import type { StageInput } from '@stillwatt/contracts';

const [home = '', script = '', input = ''] = process.argv.slice(2);
const executor = createLocalProcessExecutor({
  home,
  command: [process.execPath, script],
  slots: 2,
  environment: { PATH: process.env['PATH'] },
  onProblem: (error) => {
    throw error;
  },
});
const handle = await executor.start({ input: JSON.parse(input) as StageInput, attempt: 1 });
for await (const event of handle.events()) {
  if (event.type === 'phase') process.stdout.write('waiting\n');
}
