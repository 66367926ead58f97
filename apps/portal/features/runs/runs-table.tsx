'use client';
// The runs table: sticky head and first column, 32 px rows, only those in view in the page, all by keyboard.
import type { RunRow } from '@stillwatt/contracts';
import { flexRender, getCoreRowModel, useReactTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Check } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type CSSProperties, useEffect, useRef } from 'react';
import { cx } from '../../ui/cx.ts';
import { type ColumnMeta, columns, template } from './columns.tsx';
import { runName } from './prepare.ts';
import { RunsHead } from './runs-head.tsx';
import styles from './runs.module.css';
import type { Filter, SetFilter } from './use-filter.ts';
import { useRowKeys } from './use-row-keys.ts';

const rowHeight = 32;

export function RunsTable({
  rows,
  filter,
  setFilter,
  chosen,
  setChosen,
  atEnd,
}: {
  rows: RunRow[];
  filter: Filter;
  setFilter: SetFilter;
  chosen: ReadonlySet<string>;
  setChosen: (chosen: ReadonlySet<string>) => void;
  /** Called when the last rows come into view. */
  atEnd: () => void;
}) {
  const router = useRouter();
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions change without its object, so the compiler must leave this component alone
  const table = useReactTable({
    data: rows,
    columns,
    getCoreRowModel: getCoreRowModel(),
    getRowId: (run) => run.id,
    manualSorting: true,
  });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: rowHeight,
  });
  const keys = useRowKeys({
    ids: rows.map((run) => run.id),
    chosen,
    setChosen,
    open: (id) => router.push(`/runs/${id}`),
    reveal: (index) => virtual.scrollToIndex(index),
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastShown >= rows.length - 10) atEnd();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- asks once per row that comes into view, not for each new function
  }, [lastShown, rows.length]);

  const modelRows = table.getRowModel().rows;
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      style={{ '--columns': template } as CSSProperties}
      role="grid"
      tabIndex={0}
      aria-label="Runs. Arrow keys move, space selects, enter opens."
      aria-rowcount={rows.length + 1}
      aria-multiselectable
      aria-activedescendant={keys.activeId === null ? undefined : `row-${keys.activeId}`}
      onKeyDown={keys.onKeyDown}
      onFocus={keys.onFocus}
    >
      <RunsHead table={table} filter={filter} setFilter={setFilter} />
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map((item) => {
          const row = modelRows[item.index];
          if (row === undefined) return null;
          const selected = chosen.has(row.id);
          return (
            <div
              key={row.id}
              id={`row-${row.id}`}
              role="row"
              aria-rowindex={item.index + 2}
              aria-selected={selected}
              className={cx(styles.row, keys.activeId === row.id && styles.active)}
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={(event) => keys.onClick(event, row.id)}
            >
              <div role="gridcell" className={styles.tick}>
                <button
                  type="button"
                  tabIndex={-1}
                  className={styles.box}
                  aria-label={`${selected ? 'Deselect' : 'Select'} ${runName(row.original)}`}
                  onClick={(event) => keys.onToggle(event, row.id)}
                >
                  {selected && <Check size={12} strokeWidth={3} aria-hidden />}
                </button>
              </div>
              {row.getVisibleCells().map((cell) => (
                <div
                  key={cell.id}
                  role="gridcell"
                  className={cx(
                    (cell.column.columnDef.meta as ColumnMeta).number && styles.number,
                    cell.column.id === 'name' && styles.first,
                  )}
                >
                  {flexRender(cell.column.columnDef.cell, cell.getContext())}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
