// A fresh process that does two training steps and tells its peak of resident memory.
import type { BackendName } from '@stillwatt/contracts';
import { measureMemory } from './suites/train.ts';
import type { AttentionKind, Shape } from './types.ts';
import { createWorkbench } from './workbench.ts';

const [backend, attention, shape] = process.argv.slice(2) as [BackendName, AttentionKind, string];
const parsed = JSON.parse(shape) as Shape;
const bench = createWorkbench(parsed.threads, backend);
process.send!(await measureMemory(bench, attention, parsed));
await bench.close();
process.disconnect();
