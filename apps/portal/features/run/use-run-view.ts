'use client';
// Which tab and stage of a run are open, kept in the URL.
import {
  type inferParserType,
  parseAsString,
  parseAsStringLiteral,
  type SetValues,
  useQueryStates,
} from 'nuqs';

export const runTabs = ['overview', 'metrics', 'logs', 'spec', 'artifacts'] as const;
export type RunTab = (typeof runTabs)[number];

const parsers = {
  tab: parseAsStringLiteral(runTabs).withDefault('overview'),
  stage: parseAsString,
};

export type RunViewState = inferParserType<typeof parsers>;
export type SetRunView = SetValues<typeof parsers>;

export function useRunView(): [RunViewState, SetRunView] {
  return useQueryStates(parsers, { history: 'replace' });
}
