// Signing in and out.
import { handleAuth } from '../../../../server/http/auth.ts';
import { getServices } from '../../../../server/services.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

function handle(request: Request): Promise<Response> {
  return handleAuth(getServices(), request);
}

export { handle as GET, handle as POST };
