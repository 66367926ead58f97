// Loads the compiled library that set-up built.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { StillwattError } from '@stillwatt/contracts';
import type { NativeBinding } from './binding.ts';

const library = fileURLToPath(new URL('../dist/stillwatt.node', import.meta.url));

/** PREREQUISITE_MISSING where it was not built, or cannot run on this machine. */
export function loadBinding(): NativeBinding {
  if (!existsSync(library)) {
    throw new StillwattError('PREREQUISITE_MISSING', 'the native kernels are not built', {
      fix: 'npm run setup',
    });
  }
  try {
    return createRequire(import.meta.url)(library) as NativeBinding;
  } catch (cause) {
    throw new StillwattError('PREREQUISITE_MISSING', 'the native kernels cannot be loaded', {
      fix: 'They were built on another system: delete workers/native/dist, then npm run setup.',
      cause,
    });
  }
}
