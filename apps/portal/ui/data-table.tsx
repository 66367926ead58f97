// A plain table of few rows from a list of columns: numbers right-aligned, wider than its place it scrolls.
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import styles from './table.module.css';

export interface DataColumn<T> {
  title: string;
  /** The title is read aloud alone. */
  untitled?: boolean;
  /** It names the row. */
  names?: boolean;
  kind?: 'number' | 'actions' | 'text';
  /** Left out on small screens. */
  minor?: boolean;
  cell: (row: T) => ReactNode;
}

export function DataTable<T>({
  label,
  columns,
  rows,
  keyOf,
  wide = false,
}: {
  label: string;
  columns: readonly DataColumn<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  /** It has more columns than a small screen: the keyboard can scroll it. */
  wide?: boolean;
}) {
  const classOf = ({ kind, minor }: DataColumn<T>) =>
    cx(kind !== undefined && styles[kind], minor && styles.minor);
  return (
    <div
      className={styles.wrap}
      {...(wide ? { tabIndex: 0, role: 'group', 'aria-label': label } : {})}
    >
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" className={classOf(column)}>
                {column.untitled ? (
                  <span className="visually-hidden">{column.title}</span>
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) =>
                column.names ? (
                  <th key={column.title} scope="row" className={classOf(column)}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.title} className={classOf(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
