// Environment of the package's commands.
import { StillwattError, variables } from '@stillwatt/contracts';

/** URL of the database to migrate. Throws INPUT_INVALID if it is not set. */
export function readDatabaseUrl(): string {
  const url = process.env[variables.databaseUrl];
  if (!url?.startsWith('postgres')) {
    throw new StillwattError('INPUT_INVALID', `${variables.databaseUrl} is not set`, {
      fix: `set ${variables.databaseUrl}=postgresql://user:password@host:port/name`,
    });
  }
  return url;
}

/** Environment of `prisma generate`, which asks for the schema engine but does not use it: no download. */
export function generatorEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  };
}
