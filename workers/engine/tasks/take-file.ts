// A file of a data source, or an error that says which is missing.
import { StillwattError } from '@stillwatt/contracts';

export function takeFile(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes) return bytes;
  throw new StillwattError('SOURCE_MISSING', `the data source has no ${name}`, {
    path: name,
    fix: `Put ${name} into the folder that data.source names.`,
  });
}
