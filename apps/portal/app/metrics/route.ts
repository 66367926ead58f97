// Prometheus metrics.
import { handleMetrics } from '../../server/http/health.ts';
import { getServices } from '../../server/services.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

function handle(request: Request): Promise<Response> {
  return handleMetrics(getServices(), request);
}

export { handle as GET };
