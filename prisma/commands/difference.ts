// `npm run difference -w @stillwatt/db`: prints the SQL that leads from DATABASE_URL (migrated) to schema.prisma, for a new migration.
import { readDatabaseUrl } from '../env.ts';
import { schemaDifference } from '../schema-engine.ts';

console.log((await schemaDifference(readDatabaseUrl())) ?? '-- no difference');
