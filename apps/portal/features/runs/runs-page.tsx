'use client';
// The runs of the project: filter on top, the table, and what can be done with those chosen.
import { useState } from 'react';
import { errorBody, useTRPC, useTRPCClient } from '../../server/client.tsx';
import { ButtonLink } from '../../ui/button.tsx';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { BoneRows } from '../../ui/skeleton.tsx';
import { useSmall } from '../../ui/use-small.ts';
import { usePages } from '../live/use-pages.ts';
import { useSession } from '../session/session.tsx';
import { FilterLine } from './filter-line.tsx';
import { RunsList } from './runs-list.tsx';
import styles from './runs.module.css';
import { RunsTable } from './runs-table.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { useFilter } from './use-filter.ts';

const bones = [200, 120, 90, 70, 60, 60, 70, 60, 60, 40, 80, 80];

export function RunsPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const small = useSmall();
  const { project, can } = useSession();
  const [filter, setFilter] = useFilter();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const search = filter.search.trim();
  const filtered = filter.state !== null || search !== '';
  const input = {
    projectId: project.id,
    limit: 100,
    sort: filter.sort,
    order: filter.order,
    ...(filter.state === null ? {} : { state: filter.state }),
    ...(search === '' ? {} : { search }),
  };
  const runs = usePages(trpc.runs.list.infiniteQueryKey(input), (page, signal) =>
    client.runs.list.query({ ...input, ...page }, { signal }),
  );
  const rows = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const more = () => {
    if (runs.hasNextPage && !runs.isFetchingNextPage) void runs.fetchNextPage();
  };
  return (
    <div className={styles.page}>
      <h1 className="visually-hidden">Runs</h1>
      <FilterLine
        filter={filter}
        setFilter={setFilter}
        shown={rows.length}
        more={runs.hasNextPage}
      />
      {runs.error && (
        <FaultNotice
          title="The runs could not be loaded"
          fault={errorBody(runs.error)}
          retry={() => void runs.refetch()}
        />
      )}
      {runs.isPending ? (
        <BoneRows rows={14} widths={bones} />
      ) : rows.length === 0 ? (
        runs.error ? null : (
          <div className={styles.blank}>
            {filtered ? <NoMatch /> : <NoRuns mayLaunch={can('member')} />}
          </div>
        )
      ) : small ? (
        <RunsList rows={rows} more={runs.hasNextPage ? more : undefined} />
      ) : (
        <RunsTable
          rows={rows}
          filter={filter}
          setFilter={setFilter}
          chosen={chosen}
          setChosen={setChosen}
          atEnd={more}
        />
      )}
      <SelectionBar rows={rows} chosen={chosen} clear={() => setChosen(new Set())} />
    </div>
  );
}

function NoMatch() {
  return (
    <Empty
      title="No run matches"
      action={
        <ButtonLink href="/runs" look="plain">
          Show all runs
        </ButtonLink>
      }
    >
      Runs are found by experiment, swept value, task or id, and by their state.
    </Empty>
  );
}

function NoRuns({ mayLaunch }: { mayLaunch: boolean }) {
  return (
    <Empty
      title="No runs yet"
      example={`experiment: demo
data: { task: movie-snippets }
student: { layers: 3 }
sweep: { over: { student.attention: [dot, inhibitor] } }`}
      action={
        mayLaunch ? (
          <ButtonLink href="/launch" look="primary">
            Launch the demo experiment
          </ButtonLink>
        ) : undefined
      }
    >
      Each run will be a row here, with its accuracy, latency, size and energy as they are measured.
      A run comes from an experiment file like this one; this asks for two runs:
    </Empty>
  );
}
