// tRPC, for the portal itself.
import { handleTrpc } from '../../../../server/http/trpc.ts';
import { getServices } from '../../../../server/services.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

function handle(request: Request): Promise<Response> {
  return handleTrpc(getServices(), request);
}

export { handle as GET, handle as POST };
