// The workflow code as one file: built by `npm run bundle`, and built anew when it is absent or of other sources.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger } from '@temporalio/worker';
import { root, sourceHash } from './source-hash.ts';

const bundled = ['workflows/definitions', 'workflows/search', 'workflows/contracts'];
const ownFolder = fileURLToPath(new URL('bundle/', import.meta.url));

export interface WorkflowBundle {
  codePath: string;
  /** False if the one on disk was of these sources. */
  wasBuilt: boolean;
}

/** The file's name holds the hash of its sources, so a stale bundle is never taken; those of older sources go. */
export async function prepareBundle(logger: Logger, folder = ownFolder): Promise<WorkflowBundle> {
  const codePath = path.join(folder, `workflows-${sourceHash(bundled).slice(0, 16)}.js`);
  if (existsSync(codePath)) return { codePath, wasBuilt: false };
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(root, 'workflows/definitions/index.ts'),
    logger,
  });
  mkdirSync(folder, { recursive: true });
  // Two hosts may build at the same time: each writes its own file, the last rename wins.
  const draft = `${codePath}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, codePath);
  // A worker has read its bundle when it runs: nobody needs the others.
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (name.endsWith('.js') && file !== codePath) rmSync(file, { force: true });
  }
  return { codePath, wasBuilt: true };
}
