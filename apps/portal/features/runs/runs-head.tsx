'use client';
// The head of the runs table; what the server can sort by is a button.
import type { RunRow } from '@stillwatt/contracts';
import { flexRender, type Table } from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { cx } from '../../ui/cx.ts';
import type { ColumnMeta } from './columns.tsx';
import styles from './runs.module.css';
import type { Filter, SetFilter } from './use-filter.ts';

export function RunsHead({
  table,
  filter,
  setFilter,
}: {
  table: Table<RunRow>;
  filter: Filter;
  setFilter: SetFilter;
}) {
  const sortBy = (sort: Filter['sort']) => {
    // First click: newest or first letter on top; second: the other way round.
    const first = sort === 'experiment' || sort === 'state' ? 'asc' : 'desc';
    const other = first === 'asc' ? 'desc' : 'asc';
    void setFilter({ sort, order: filter.sort === sort && filter.order === first ? other : first });
  };
  return (
    <div role="rowgroup" className={styles.headGroup}>
      <div role="row" className={cx(styles.row, styles.head)}>
        <div role="columnheader" className={styles.tick}>
          <span className="visually-hidden">Selected</span>
        </div>
        {table.getFlatHeaders().map((header) => {
          const meta = header.column.columnDef.meta as ColumnMeta;
          const sorted = meta.sort !== undefined && filter.sort === meta.sort;
          const text = flexRender(header.column.columnDef.header, header.getContext());
          return (
            <div
              key={header.id}
              role="columnheader"
              title={meta.title}
              aria-sort={
                meta.sort === undefined
                  ? undefined
                  : sorted
                    ? filter.order === 'asc'
                      ? 'ascending'
                      : 'descending'
                    : 'none'
              }
              className={cx(
                meta.number && styles.number,
                header.column.id === 'name' && styles.first,
              )}
            >
              {meta.sort === undefined ? (
                text
              ) : (
                <button
                  type="button"
                  className={styles.sort}
                  onClick={() => sortBy(meta.sort ?? 'created')}
                >
                  {text}
                  {sorted &&
                    (filter.order === 'asc' ? (
                      <ArrowUp size={12} aria-hidden />
                    ) : (
                      <ArrowDown size={12} aria-hidden />
                    ))}
                </button>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
