// better-auth's Prisma adapter over our client, so that the portal never touches the client.
import type { prismaAdapter } from '@better-auth/prisma-adapter';

export type PrismaAuthAdapter = ReturnType<typeof prismaAdapter>;
