'use client';
// What the runs table shows, kept in the URL so that a link shows the same.
import { runStates } from '@stillwatt/contracts';
import {
  type inferParserType,
  parseAsString,
  parseAsStringLiteral,
  type SetValues,
  useQueryStates,
} from 'nuqs';

export const sorts = ['created', 'experiment', 'state', 'duration'] as const;

const parsers = {
  search: parseAsString.withDefault(''),
  state: parseAsStringLiteral(runStates),
  sort: parseAsStringLiteral(sorts).withDefault('created'),
  order: parseAsStringLiteral(['asc', 'desc'] as const).withDefault('desc'),
};

export type Filter = inferParserType<typeof parsers>;
export type SetFilter = SetValues<typeof parsers>;

export function useFilter(): [Filter, SetFilter] {
  return useQueryStates(parsers, { history: 'replace', urlKeys: { search: 'q' } });
}
