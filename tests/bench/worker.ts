// A process of one suite and thread count: opens its contenders, checks them, then times them in turns.
import { type BackendName, isStillwattError } from '@stillwatt/contracts';
import { findDifference } from './check.ts';
import { type Group, groupsOf, type Wanted } from './contenders.ts';
import { missingPeer } from './env.ts';
import { type Effort, measure } from './measure.ts';
import type { Contender, Message, Opened, Shape, Subject, SuiteName, Workbench } from './types.ts';
import { createWorkbench } from './workbench.ts';

export interface Job extends Wanted, Effort {
  readonly suite: SuiteName;
  readonly threads: number;
  readonly backend: BackendName;
  readonly variant: string | null;
}

const job = JSON.parse(process.argv[2]!) as Job;
const bench = createWorkbench(job.threads, job.backend);
try {
  for (const group of groupsOf(job.suite, job, job.threads)) await runGroup(group);
} finally {
  await bench.close();
}
process.disconnect();

async function runGroup(group: Group): Promise<void> {
  const opened = new Map<Contender, Opened>();
  for (const contender of group.contenders) {
    if (!group.shapes.some((shape) => fits(contender, shape))) continue;
    const reason = await open(contender, opened);
    if (reason !== null) tell({ kind: 'skipped', contender: contender.name, reason });
  }
  for (const shape of group.shapes) await runShape(shape, opened);
  for (const { close } of opened.values()) await close();
}

/** Null, or why the contender is left out. */
async function open(contender: Contender, opened: Map<Contender, Opened>): Promise<string | null> {
  const missing = contender.needs === undefined ? null : missingPeer(contender.needs);
  if (missing !== null) return missing;
  try {
    opened.set(contender, await contender.open(bench));
    return null;
  } catch (error) {
    if (isStillwattError(error) && error.code === 'PREREQUISITE_MISSING') {
      return `${error.message}. ${error.fix ?? ''}`;
    }
    throw error;
  }
}

async function runShape(shape: Shape, opened: ReadonlyMap<Contender, Opened>): Promise<void> {
  const subjects = new Map<string, Subject>();
  for (const [contender, { subject }] of opened) {
    if (!fits(contender, shape)) continue;
    const made = await subject(shape);
    const reason = await check(contender, made, shape, bench);
    if (reason === null) subjects.set(contender.name, made);
    else tell({ kind: 'differs', contender: contender.name, shape, reason });
  }
  const samples = await measure(subjects, effortOf(opened.keys()));
  const timings = [...opened]
    .filter(([{ name }]) => samples.has(name))
    .map(([contender, { version }]) => ({
      contender: contender.name,
      shape,
      version,
      unit: contender.unit,
      precision: contender.precision,
      operations: contender.operations(shape),
      samples: samples.get(contender.name)!,
    }));
  tell({ kind: 'timings', timings });
}

/** Memory hardly varies, and a sample of it is a process of half a minute. */
function effortOf(contenders: Iterable<Contender>): Effort {
  const isMemory = [...contenders].some(({ unit }) => unit === 'bytes');
  return isMemory ? { ...job, leastRounds: 2, mostRounds: 2, sampleMs: 0 } : job;
}

async function check(
  { check }: Contender,
  subject: Subject,
  shape: Shape,
  bench: Workbench,
): Promise<string | null> {
  if (!check) return null;
  return findDifference(
    await subject.output(),
    await check.expected(bench, shape),
    check.tolerance,
  );
}

function fits({ fits }: Contender, shape: Shape): boolean {
  return fits?.(shape) ?? true;
}

function tell(message: Message): void {
  process.send!(message);
}
