// Ready to serve: the database and Temporal answer.
import { handleReady } from '../../server/http/health.ts';
import { getServices } from '../../server/services.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export function GET(): Promise<Response> {
  return handleReady(getServices());
}
