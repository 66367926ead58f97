// Fuzzes the compiled library from JavaScript: every export and method with arguments of any type, size and
// state. `node workers/native/fuzz/binding.ts --seconds 600 --seed 1 [--trace]`. A call may give a result or
// throw an error of a known kind; a crash of the process, a panic or a hang is a bug.
import { loadBinding } from '../lib/load.ts';
import { Arguments } from './arguments.ts';
import { cook, recipes } from './recipes.ts';

export interface FuzzResult {
  readonly calls: number;
  readonly refused: number;
  /** Calls that gave a result, by name. */
  readonly served: Readonly<Record<string, number>>;
  /** Functions without a recipe. */
  readonly unknown: readonly string[];
}

/** Codes that the library may throw: its own, and those of napi's conversions. */
const expected = /^(InvalidArg|Cancelled|GenericFailure|[A-Z][a-z]+Expected)$/;
/** Words of panics. */
const panic = /panic|out of range|out of bounds|with overflow|called `/i;
/** More would measure the patience of the machine, not the library. */
const mostPending = 16;

type Callable = (...values: unknown[]) => unknown;
type Library = Readonly<Record<string, Callable>>;

interface Target {
  readonly name: string;
  readonly call: Callable;
  /** What the method belongs to. */
  readonly owner: unknown;
  readonly isGetter: boolean;
}

export async function fuzzBinding(
  seed: number,
  seconds: number,
  trace: (call: string) => void = () => undefined,
): Promise<FuzzResult> {
  const source = new Arguments(seed);
  const library = loadBinding() as unknown as Library;
  const objects = await createObjects(library, source);
  const targets = listTargets(library, objects);
  const { kernels, packedFloat, packedInt8, spare } = objects;
  for (const object of [kernels, packedFloat, packedInt8, spare]) {
    source.remember(object);
  }
  const served: Record<string, number> = {};
  let [calls, refused] = [0, 0];
  const refuse = (name: string, cause: unknown): void => {
    if (!isExpected(cause)) throw new Error(`${name} threw what it should not`, { cause });
    refused++;
  };
  const serve = (name: string, value: unknown): void => {
    served[name] = (served[name] ?? 0) + 1;
    source.remember(value);
  };
  let pending: Promise<void>[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const { name, call, owner } = source.pick(targets);
    const recipe = recipes[name];
    const isCooked = recipe !== undefined && !source.chance(4);
    const values = isCooked
      ? source.damage(cook(recipe, (count) => source.below(count), objects))
      : source.list();
    // Now and then on an object of another class, or on none.
    const self = source.chance(20) ? source.value() : owner;
    source.watch(values);
    trace(`${calls} ${name}`);
    calls++;
    try {
      const result = name.startsWith('new ')
        ? (Reflect.construct(call, values) as unknown)
        : Reflect.apply(call, self, values);
      if (result instanceof Promise) {
        const settled = result.then((value) => serve(name, value));
        pending.push(settled.catch((cause: unknown) => refuse(name, cause)));
      } else serve(name, result);
    } catch (cause) {
      refuse(name, cause);
    }
    source.disturb();
    if (pending.length >= mostPending) {
      await Promise.all(pending);
      pending = [];
    }
  }
  await Promise.all(pending);
  const isUnknown = ({ name, isGetter }: Target): boolean =>
    !isGetter && !name.startsWith('new ') && !(name in recipes);
  const unknown = targets.filter(isUnknown).map(({ name }) => name);
  return { calls, refused, served, unknown };
}

/** An object of every class, by the names that recipes use. */
async function createObjects(
  library: Library,
  source: Arguments,
): Promise<Record<string, unknown>> {
  const kernels = Reflect.construct(library['NativeKernels']!, [null, 2]) as Library;
  const { config, weights } = source.model;
  const scales = Float32Array.of(1, 2, 3);
  return {
    kernels,
    config,
    weights,
    /** To be disposed of: that of the other one would end what there is to find in it. */
    spare: await kernels['loadEncoder']!(config, weights),
    encoder: await kernels['loadEncoder']!(config, weights),
    /** A new one for each run. */
    cancellation: () => Reflect.construct(library['NativeCancellation']!, []) as unknown,
    packedFloat: kernels['packFloat']!(new Float32Array(12).fill(1), 3, 4),
    packedInt8: kernels['packInt8']!(new Int8Array(12).fill(1), scales, 3, 4),
  };
}

/** Exports, and the methods and getters of all classes. */
function listTargets(library: Library, objects: Readonly<Record<string, unknown>>): Target[] {
  const targets = Object.entries(library).map(([name, call]): Target => {
    return {
      name: /^[A-Z]/.test(name) ? `new ${name}` : name,
      call,
      owner: undefined,
      isGetter: false,
    };
  });
  const { spare, ...others } = objects;
  const owners = Object.values(others).map((object) =>
    typeof object === 'function' ? (object as Callable)() : object,
  );
  for (const owner of owners as object[]) {
    if (ArrayBuffer.isView(owner)) continue;
    const prototype = Object.getPrototypeOf(owner) as object;
    const properties = Object.getOwnPropertyDescriptors(prototype);
    for (const [name, { value, get }] of Object.entries(properties)) {
      const self = name === 'dispose' ? spare : owner;
      const call = (value ?? get) as Callable | undefined;
      if (name === 'constructor' || !call) continue;
      targets.push({
        name: `${prototype.constructor.name}.${name}`,
        call,
        owner: self,
        isGetter: !value,
      });
    }
  }
  return targets;
}

function isExpected(cause: unknown): boolean {
  if (!(cause instanceof Error) || panic.test(cause.message)) return false;
  return !('code' in cause) || expected.test(String(cause.code));
}

if (process.argv[1] === import.meta.filename) {
  const option = (name: string, otherwise: number): number => {
    const at = process.argv.indexOf(name);
    return at < 0 ? otherwise : Number(process.argv[at + 1]);
  };
  const [seconds, seed] = [option('--seconds', 10), option('--seed', 1)];
  const print = (call: string): void => console.log(call);
  const result = await fuzzBinding(
    seed,
    seconds,
    process.argv.includes('--trace') ? print : undefined,
  );
  const silent = Object.keys(recipes).filter((name) => !(name in result.served));
  console.log(JSON.stringify({ seed, seconds, ...result, silent }, null, 2));
}
