// Numbers as a terminal shows them: SI units, digits that mean something, a dash for what was not measured.

/** Not measured; the reason stands in a note. */
export const notMeasured = '–';

/** `4.10 mJ`, `22.7 MB`: three significant digits and an SI prefix. */
export function formatSi(value: number, unit: string): string {
  if (value === 0) return `0 ${unit}`;
  const size = Number(Math.abs(value).toPrecision(3));
  const prefixes = ['n', 'µ', 'm', '', 'k', 'M', 'G', 'T'];
  const step = Math.min(4, Math.max(-3, Math.floor(Math.log10(size) / 3)));
  const scaled = size / 1000 ** step;
  return `${value < 0 ? '-' : ''}${formatSignificant(scaled)} ${prefixes[step + 3] ?? ''}${unit}`;
}

export function formatBytes(bytes: number): string {
  return formatSi(bytes, 'B');
}

/** Three significant digits without an exponent. */
export function formatSignificant(value: number): string {
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(Number(Math.abs(value).toPrecision(3))));
  return value.toFixed(Math.min(6, Math.max(0, 2 - exponent)));
}

/** 0…1 as per cent with one digit: one in a thousand examples is what a test split can tell. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** `48 s`, `3 min 20 s`, `2 h 05 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** Cells a text takes on a terminal, escape sequences aside. All we print is one cell per character. */
export function widthOf(text: string): number {
  // eslint-disable-next-line no-control-regex -- colour sequences start with the escape character
  return [...text.replace(/\u001b\[[0-9;]*m/g, '')].length;
}

/** What a message says first; the rest of a program's output is in its log. */
export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** Cut to a width, the last cell an ellipsis. For text without colours. */
export function cut(text: string, width: number): string {
  const cells = [...text];
  return cells.length <= width ? text : `${cells.slice(0, Math.max(0, width - 1)).join('')}…`;
}
