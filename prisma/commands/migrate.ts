// `npm run migrate -w @stillwatt/db`: brings DATABASE_URL up to the committed migrations.
import { toErrorBody } from '@stillwatt/contracts';
import { readDatabaseUrl } from '../env.ts';
import { migrate } from '../migrate.ts';

try {
  const applied = await migrate({ url: readDatabaseUrl() });
  const what = applied.length === 0 ? 'nothing to apply' : `applied ${applied.join(', ')}`;
  console.log(`Database: ${what}.`);
} catch (error) {
  const { code, message, fix } = toErrorBody(error);
  console.error(`${code}: ${message}${fix ? `\n  ${fix}` : ''}`);
  process.exitCode = 1;
}
