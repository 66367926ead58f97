// Calls the public API by the table of its procedures: input into the path, the query or the body.
import {
  type ErrorCode,
  type Procedure,
  type ProcedureInput,
  type ProcedureName,
  type ProcedureOutput,
  StillwattError,
  errorBodySchema,
  errorCodes,
  procedures,
  restBase,
} from '@stillwatt/contracts';

const timeoutMs = 30_000;

export interface ApiOptions {
  /** Address of the portal, `http://127.0.0.1:3000`. */
  url: string;
  /** `sw_<id>_<secret>`; none for the procedures open to everyone. */
  apiKey?: string | undefined;
}

export interface Api {
  readonly url: string;
  /** Throws StillwattError: the API's own, or UNAVAILABLE (retryable) where it could not be reached. */
  call<N extends ProcedureName>(
    name: N,
    input: ProcedureInput<N>,
    signal?: AbortSignal,
  ): Promise<ProcedureOutput<N>>;
}

export function createApi({ url, apiKey }: ApiOptions): Api {
  const base = url.replace(/\/+$/, '');
  return {
    url: base,
    async call(name, input, signal) {
      const procedure: Procedure = procedures[name];
      const { path, method, body } = toRequest(procedure, input);
      const timeout = AbortSignal.timeout(timeoutMs);
      let response: Response;
      try {
        response = await fetch(`${base}${restBase}${path}`, {
          method,
          headers: {
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
          },
          ...(body === undefined ? {} : { body }),
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        });
      } catch (cause) {
        signal?.throwIfAborted();
        throw new StillwattError('UNAVAILABLE', `${base} cannot be reached: ${reason(cause)}`, {
          fix: 'check the address, and that the platform runs there (stillwatt doctor)',
          retryable: true,
          cause,
        });
      }
      const answer = decode(await response.text());
      if (!response.ok) throw toError(response.status, answer);
      // one table for both sides, so the shape is checked rather than believed
      return procedure.output.parse(answer) as ProcedureOutput<typeof name>;
    },
  };
}

/** Path parameters are taken from the input; the rest is the query of a GET or DELETE, else the JSON body. */
export function toRequest(
  { rest }: Pick<Procedure, 'rest'>,
  input: unknown,
): { path: string; method: string; body?: string } {
  const left: Record<string, unknown> = { ...(input as Record<string, unknown>) };
  const path = rest.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = left[name];
    if (typeof value !== 'string' || value === '') {
      throw new StillwattError('INPUT_INVALID', `${name} is missing`, { path: name });
    }
    delete left[name];
    return encodeURIComponent(value);
  });
  if (rest.method === 'POST' || rest.method === 'PATCH') {
    return { path, method: rest.method, body: JSON.stringify(left) };
  }
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(left)) {
    if (value !== undefined && value !== null) query.set(name, asText(value));
  }
  const search = query.toString();
  return { path: search ? `${path}?${search}` : path, method: rest.method };
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The error body of the API; anything else (a proxy's page) by its status. */
function toError(status: number, answer: unknown): StillwattError {
  const nested = (answer as { error?: unknown } | null)?.error;
  for (const candidate of [answer, nested]) {
    const body = errorBodySchema.safeParse(candidate);
    if (!body.success) continue;
    const { code, message, fix, path, retryable } = body.data;
    const more = { retryable, ...(fix ? { fix } : {}), ...(path ? { path } : {}) };
    return new StillwattError(code, message, more);
  }
  const code = (Object.keys(errorCodes) as ErrorCode[]).find((each) => errorCodes[each] === status);
  const message = (answer as { message?: unknown } | null)?.message;
  return new StillwattError(
    code ?? 'UNAVAILABLE',
    typeof message === 'string' ? message : `the server answered with status ${status}`,
    { retryable: status >= 500 },
  );
}

function reason(cause: unknown): string {
  const deeper = (cause as { cause?: { code?: string; message?: string } }).cause;
  return deeper?.code ?? deeper?.message ?? (cause instanceof Error ? cause.message : 'no answer');
}
