// The OpenAPI document of the public API.
import { generateOpenApiDocument } from 'trpc-to-openapi';
import { appRouter } from '../router.ts';

type Document = ReturnType<typeof generateOpenApiDocument>;

/** @param url address of the portal, without a slash at the end */
export function openApiDocument(url: string): Document {
  const document = generateOpenApiDocument(appRouter, {
    title: 'Stillwatt',
    version: '1',
    description:
      'Send an API key of a project as `Authorization: Bearer sw_…`. Errors are `{code, message, fix, path, retryable}`.',
    baseUrl: `${url}/api/v1`,
    securitySchemes: {
      apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'sw_<id>_<secret>' },
    },
  });
  return { ...document, paths: { ...document.paths, ...streams } };
}

const security = [{ apiKey: [] }];
const projectId = inPath('projectId');

/** What is a stream and therefore no procedure. */
const streams: NonNullable<Document['paths']> = {
  '/projects/{projectId}/events': {
    get: {
      operationId: 'live.subscribe',
      summary: 'Live events of a project, or of one run, as server-sent events',
      tags: ['live'],
      security,
      parameters: [
        projectId,
        { name: 'runId', in: 'query', schema: { type: 'string' } },
        {
          name: 'Last-Event-ID',
          in: 'header',
          description: 'resume after this event',
          schema: { type: 'string' },
        },
      ],
      responses: { 200: { description: 'events', content: { 'text/event-stream': {} } } },
    },
  },
  '/artifacts/{projectId}/{digest}/{file}': {
    get: {
      operationId: 'artifacts.file',
      summary: 'The bytes of one file of an artifact',
      tags: ['artifacts'],
      security,
      parameters: [projectId, inPath('digest'), inPath('file')],
      responses: { 200: { description: 'bytes', content: { 'application/octet-stream': {} } } },
    },
  },
};

function inPath(name: string) {
  return { name, in: 'path', required: true, schema: { type: 'string' } } as const;
}
