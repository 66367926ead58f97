// `npm run generate -w @stillwatt/db`: makes the client from schema.prisma, offline, if it is not there yet.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { generatorEnvironment } from '../env.ts';

const schemaFile = fileURLToPath(new URL('../schema.prisma', import.meta.url));
/** Says for which schema and generator the client was made; written last. */
const stampFile = fileURLToPath(new URL('../generated/.made-for', import.meta.url));

const require = createRequire(import.meta.url);
const { version } = require('prisma/package.json') as { version: string };
const stamp = createHash('sha256').update(version).update(readFileSync(schemaFile)).digest('hex');

if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
  console.log('Database client: up to date.');
} else {
  execFileSync(
    process.execPath,
    [require.resolve('prisma/build/index.js'), 'generate', '--schema', schemaFile],
    { env: generatorEnvironment(), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  writeFileSync(stampFile, stamp);
  console.log('Database client: generated.');
}
