// What a chart is given, and the same as a table.

export interface ChartPoint {
  x: number;
  /** null where nothing was measured or the value was not finite: the line has a gap there. */
  y: number | null;
  /** Ends of the interval of y. */
  low?: number | null;
  high?: number | null;
}

export interface ChartSeries {
  name: string;
  colour: string;
  /** Of its points: circle for f32, diamond for int8; none for long curves. */
  shape?: 'circle' | 'diamond' | 'none';
  dashed?: boolean;
  /** In a chart of points: joined by a line, without points of its own. */
  line?: boolean;
  points: readonly ChartPoint[];
}

export interface ChartSpec {
  title: string;
  /** Axis titles with their units, “Accuracy (%)”. */
  xTitle: string;
  yTitle: string;
  kind: 'curves' | 'points';
  series: readonly ChartSeries[];
  /** How values are written in the tooltip. */
  formatX: (x: number) => string;
  formatY: (y: number) => string;
}

/** The shown series as CSV (RFC 4180): one line per point; gaps are empty. */
export function toCsv(spec: ChartSpec, hidden: ReadonlySet<string>): string {
  const shown = spec.series.filter((series) => !hidden.has(series.name));
  const interval = shown.some((series) => series.points.some((point) => point.low !== undefined));
  const head = ['series', spec.xTitle, spec.yTitle, ...(interval ? ['low', 'high'] : [])];
  const lines = shown.flatMap((series) =>
    series.points.map(({ x, y, low, high }) => [
      series.name,
      x,
      y ?? '',
      ...(interval ? [low ?? '', high ?? ''] : []),
    ]),
  );
  return [head, ...lines].map((line) => line.map(quoted).join(',')).join('\r\n') + '\r\n';
}

function quoted(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** After a click on a legend entry: toggles it, or isolates it (and back) with `isolate`. */
export function nextHidden(
  names: readonly string[],
  hidden: ReadonlySet<string>,
  name: string,
  isolate: boolean,
): Set<string> {
  if (isolate) {
    const others = names.filter((one) => one !== name);
    const alone = !hidden.has(name) && others.every((one) => hidden.has(one));
    return new Set(alone ? [] : others);
  }
  const next = new Set(hidden);
  if (!next.delete(name)) next.add(name);
  return next;
}

/** Whether a logarithmic axis can show every value: it has none for zero and below. */
export function canBeLog(spec: ChartSpec): boolean {
  const values = spec.series.flatMap((series) => series.points.flatMap(({ y }) => y ?? []));
  return values.length > 0 && values.every((y) => y > 0);
}

/** A file name from a title. */
export function fileName(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
