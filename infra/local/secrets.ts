// Secrets of one embedded stack: made once, kept in its folder, never logged.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { readPrivate, writePrivate } from './private-file.ts';

const secretsSchema = z.object({
  postgresPassword: z.string().min(16),
  authSecret: z.string().min(32),
  /** Makes the first administrator, once, and the API key of this machine. */
  adminToken: z.string().min(16),
  /** API key of this machine, for the demo and the CLI. */
  apiKey: z.string().optional(),
  projectId: z.string().optional(),
});
export type Secrets = z.output<typeof secretsSchema>;

export function loadSecrets(file: string): Secrets {
  const kept = readPrivate(file);
  if (kept !== null) return secretsSchema.parse(kept);
  const made = { postgresPassword: random(), authSecret: random(), adminToken: random() };
  writePrivate(file, made);
  return made;
}

export function saveApiKey(file: string, apiKey: string, projectId: string): void {
  writePrivate(file, { ...loadSecrets(file), apiKey, projectId });
}

/** 256 bits that need no escaping in a URL. */
function random(): string {
  return randomBytes(32).toString('base64url');
}
