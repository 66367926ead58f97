// A result that another version of Stillwatt kept is no result for this one.
import { expect, it } from 'vitest';
import { createFindActivities } from './find-stage.ts';

it('makes a stage again whose cached result it cannot read', async () => {
  const warned: string[] = [];
  const { findStage } = createFindActivities({
    db: {
      stageResults: { get: async () => ({ result: { old: true }, ownerPath: 'run_1/data' }) },
    } as never,
    store: {} as never,
    log: { info: () => undefined, warn: (_, message) => void warned.push(message) },
  });
  expect(await findStage({ projectId: 'prj_000000000000', key: 'data-1' })).toBeNull();
  expect(warned).toEqual(['a cached result is of another version: it is made again']);
});
