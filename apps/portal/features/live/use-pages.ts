'use client';
// Lists that come page by page. Not tRPC's own infinite query: that adds a key to the input, which strict schemas refuse.
import { keepPreviousData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';

export interface ListPage<T> {
  items: T[];
  nextCursor: string | null;
}

/** @param fetchPage one page from `cursor` on, which is absent for the first */
export function usePages<T>(
  queryKey: QueryKey,
  fetchPage: (page: { cursor?: string }, signal: AbortSignal) => Promise<ListPage<T>>,
) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      fetchPage(pageParam === null ? {} : { cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last: ListPage<T>) => last.nextCursor,
    placeholderData: keepPreviousData,
  });
}
