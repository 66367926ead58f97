// The public REST API.
import { handleRest } from '../../../../server/http/rest.ts';
import { getServices } from '../../../../server/services.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

function handle(request: Request): Promise<Response> {
  return handleRest(getServices(), request);
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST };
