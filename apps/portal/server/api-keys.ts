// API keys `sw_<id>_<secret>`: made here, stored as a hash, compared in constant time.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type ApiKeyView,
  makeId,
  type Role,
  roleAllows,
  StillwattError,
} from '@stillwatt/contracts';
import type { ApiKeyRecord, Database } from '@stillwatt/db';

const form = /^Bearer sw_([0-9a-z]{12})_([A-Za-z0-9_-]{43})$/i;

/** Lower-case hex SHA-256: fit for secrets of 256 random bits, not for passwords. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** True if both texts are the same; takes the same time wherever they differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a), 'hex'), Buffer.from(sha256(b), 'hex'));
}

/** 256 random bits in 43 characters that need no escaping in a URL. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

export interface NewKey {
  projectId: string;
  name: string;
  role: Role;
  createdBy: string | null;
  expiresAt: string | null;
}

/** The secret is in the answer and nowhere else. */
export async function createKey(
  db: Database,
  key: NewKey,
): Promise<{ key: ApiKeyView; secret: string }> {
  const id = makeId('apiKey', randomBytes(12));
  const secret = makeSecret();
  const view = await db.apiKeys.create({ ...key, id, secretSha256: sha256(secret) });
  return { key: view, secret: `sw_${id.slice('key_'.length)}_${secret}` };
}

/**
 * The key of an `Authorization` header, with the role it has now: at most that of the person who made it.
 * @throws StillwattError UNAUTHENTICATED, the same for every reason but one that only who has the secret gets to read.
 */
export async function findKey(db: Database, authorization: string): Promise<ApiKeyRecord> {
  const [, id, secret] = form.exec(authorization) ?? [];
  if (id !== undefined && secret !== undefined) {
    const record = await db.apiKeys.find(`key_${id}`);
    // Compared even without a record, so that the time does not tell which ids exist.
    const right = sameHash(sha256(secret), record?.secretSha256 ?? '0'.repeat(64));
    if (record && right) {
      const role = await roleNow(db, record);
      await db.apiKeys.touch(record.id);
      return { ...record, role };
    }
  }
  throw new StillwattError('UNAUTHENTICATED', 'this API key is not valid', {
    fix: 'make a new one in the project’s settings and send it as “Authorization: Bearer sw_…”',
  });
}

/** Asked at every call: who is removed or gets a lower role takes the keys along at once. The demo's has no maker. */
async function roleNow(db: Database, { role, createdBy, projectId }: ApiKeyRecord): Promise<Role> {
  if (createdBy === null) return role;
  const makers = await db.members.role(createdBy, projectId);
  if (makers !== null) return roleAllows(makers, role) ? role : makers;
  throw new StillwattError(
    'UNAUTHENTICATED',
    'the person who made this API key is no longer a member of its project',
    { fix: 'let a member make a new one in the project’s settings' },
  );
}

function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && timingSafeEqual(left, right);
}
