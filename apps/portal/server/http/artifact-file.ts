// Sends one file of an artifact, after its project was authorised.
import { Readable } from 'node:stream';
import { artifactFileSchema, isStillwattError, StillwattError } from '@stillwatt/contracts';
import { authorise, requireIdentity } from '../access.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { noStore } from './answer.ts';

/** @throws StillwattError NOT_FOUND for a foreign project, an unknown digest and an unknown file alike. */
export async function sendArtifactFile(
  { services, caller }: Context,
  input: { projectId: string; digest: string; file: string },
): Promise<Response> {
  requireIdentity('viewer', caller);
  const parsed = artifactFileSchema.safeParse(input);
  if (!parsed.success) {
    throw new StillwattError('INPUT_INVALID', 'not the address of an artifact file', {
      fix: 'GET /api/v1/artifacts/{projectId}/sha256:…/{file}',
    });
  }
  const { projectId, digest, file } = parsed.data;
  await authorise(services, caller, 'viewer', { projectId });
  const { stream, sizeBytes } = await (
    await services.artifacts()
  )
    .project(projectId)
    .openFile(digest, file)
    .catch((error: unknown) => {
      const missing = isStillwattError(error) && error.code === 'ARTIFACT_MISSING';
      throw missing ? notFound() : error;
    });
  return new Response(Readable.toWeb(stream) as unknown as ReadableStream, {
    headers: {
      ...noStore,
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(sizeBytes),
      'Content-Disposition': `attachment; filename="${file.replace(/[^\w.-]/g, '_')}"`,
    },
  });
}
