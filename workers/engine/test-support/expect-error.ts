// Errors are checked by code, as callers do.
import { expect } from 'vitest';

export async function expectCode(
  run: () => unknown,
  code: string,
  message?: RegExp,
): Promise<void> {
  let error: unknown = null;
  try {
    await run();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code });
  if (message) expect((error as Error).message).toMatch(message);
  // Every error says what to do, except where somebody cancelled.
  if (code !== 'CANCELLED') expect((error as { fix?: string }).fix).toBeTruthy();
}
