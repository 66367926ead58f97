// Loads the compiled library: set-up's build, else a prebuilt package of this platform.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { StillwattError } from '@stillwatt/contracts';
import type { NativeBinding } from './binding.ts';

const require = createRequire(import.meta.url);
const built = fileURLToPath(new URL('../dist/stillwatt.node', import.meta.url));
/** An optional dependency that holds the library alone; npm installs the one whose os and cpu match. */
const prebuilt = `@stillwatt/native-${process.platform}-${process.arch}/stillwatt.node`;

/** PREREQUISITE_MISSING where it was not built, or cannot run on this machine. */
export function loadBinding(): NativeBinding {
  const library = existsSync(built) ? built : resolveOrNull(prebuilt);
  if (library === null) {
    throw new StillwattError('PREREQUISITE_MISSING', 'the native kernels are not built', {
      fix: 'npm run setup',
    });
  }
  try {
    return require(library) as NativeBinding;
  } catch (cause) {
    throw new StillwattError('PREREQUISITE_MISSING', 'the native kernels cannot be loaded', {
      fix: 'They were built on another system: delete workers/native/dist, then npm run setup.',
      cause,
    });
  }
}

function resolveOrNull(name: string): string | null {
  try {
    return require.resolve(name);
  } catch {
    return null;
  }
}
