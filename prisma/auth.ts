// better-auth's Prisma adapter over our client, so that the portal never touches the client.
import { prismaAdapter } from '@better-auth/prisma-adapter';
import type { PrismaClient } from './generated/client.ts';

export type PrismaAuthAdapter = ReturnType<typeof prismaAdapter>;

export function createAuthAdapter(prisma: PrismaClient): PrismaAuthAdapter {
  return prismaAdapter(prisma, { provider: 'postgresql', transaction: true });
}
