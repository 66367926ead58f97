// People who can sign in; better-auth writes them.
import type { Connection } from '../connection.ts';
import type { Users } from '../types.ts';

const select = { id: true, name: true, email: true } as const;

export function createUsers({ prisma }: Connection): Users {
  return {
    isEmpty: async () => (await prisma.user.findFirst({ select })) === null,
    get: (id) => prisma.user.findUnique({ where: { id }, select }),
    findByEmail: (email) => prisma.user.findUnique({ where: { email }, select }),
  };
}
