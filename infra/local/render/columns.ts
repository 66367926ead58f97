// Aligned columns that fit a width: columns that do not fit go into a further block under the same keys.
import { widthOf } from './format.ts';

export interface Column {
  title: string;
  /** Numbers are right-aligned. */
  align: 'left' | 'right';
  /** Repeated at the left of every block. */
  key?: boolean;
}

const gap = '  ';

/** `rows[i][j]` is the text of column j. */
export function renderColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  );
  return blocks(columns, widths, width)
    .map((block) => renderBlock(columns, rows, widths, block))
    .join('\n');
}

/** Indices of the columns of each block. */
function blocks(columns: readonly Column[], widths: readonly number[], width: number): number[][] {
  const indices = columns.map((_, index) => index);
  const keys = indices.filter((index) => columns[index]?.key);
  const size = (chosen: readonly number[]) =>
    chosen.reduce((sum, index) => sum + (widths[index] ?? 0) + gap.length, -gap.length);
  const made: number[][] = [];
  let block = [...keys];
  for (const index of indices.filter((each) => !columns[each]?.key)) {
    if (block.length > keys.length && size([...block, index]) > width) {
      made.push(block);
      block = [...keys];
    }
    block.push(index);
  }
  return [...made, block];
}

function renderBlock(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
  block: readonly number[],
): string {
  const line = (cells: readonly string[]) =>
    block
      .map((index) => pad(cells[index] ?? '', widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join(gap)
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  const rule = widths.map((each) => '─'.repeat(each));
  const lines = [titles, rule, ...rows].map(line);
  // a row of which this block shows nothing (a second latency) would be an empty line
  return `${lines.filter((text) => text !== '').join('\n')}\n`;
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? space + text : text + space;
}
