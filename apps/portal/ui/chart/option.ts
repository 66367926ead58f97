// A chart as ECharts draws it.
import type { EChartsCoreOption } from 'echarts/core';
import { formatTick } from '../format.ts';
import type { Colours } from './palette.ts';
import type { ChartPoint, ChartSeries, ChartSpec } from './series.ts';

const font = 'Inter Variable, system-ui, sans-serif';
/** Points drawn of one curve; more are thinned for drawing only. */
const mostDrawn = 2000;

export interface Look {
  colours: Colours;
  log: boolean;
  hidden: ReadonlySet<string>;
}

export function toOption(spec: ChartSpec, look: Look): EChartsCoreOption {
  const { colours } = look;
  const shown = spec.series.filter((series) => !look.hidden.has(series.name));
  const text = { color: colours.quiet, fontFamily: font, fontSize: 12 };
  const axis = {
    axisLine: { show: true, lineStyle: { color: colours.rule } },
    axisTick: { show: false },
    axisLabel: { ...text, hideOverlap: true, formatter: formatTick },
    splitLine: { show: true, lineStyle: { color: colours.rule, width: 1 } },
    nameTextStyle: text,
    nameLocation: 'middle' as const,
    scale: true,
  };
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: font },
    grid: { left: 60, right: 16, top: 12, bottom: 44 },
    xAxis: {
      type: 'value',
      ...axis,
      splitLine: { show: spec.kind === 'points', lineStyle: { color: colours.rule } },
      name: spec.xTitle,
      nameGap: 28,
      // Points keep away from the frame, which would cut them.
      ...(spec.kind === 'points' ? { boundaryGap: ['4%', '4%'] } : {}),
      axisPointer: pointer(colours),
    },
    yAxis: {
      type: look.log ? 'log' : 'value',
      ...axis,
      name: spec.yTitle,
      nameGap: 44,
    },
    tooltip: {
      trigger: spec.kind === 'curves' ? 'axis' : 'item',
      confine: true,
      backgroundColor: colours.surface,
      borderColor: colours.rule,
      padding: [6, 10],
      textStyle: { ...text, color: colours.ink },
      formatter: (params: unknown) => tooltip(spec, params),
    },
    toolbox: {
      itemSize: 0,
      feature: {
        dataZoom: {
          xAxisIndex: 0,
          yAxisIndex: spec.kind === 'points' ? 0 : 'none',
          // Whiskers and lines that leave the window are cut at its edge, not dropped.
          filterMode: 'none',
        },
      },
    },
    series: shown.flatMap((series): Drawn[] =>
      spec.kind === 'curves' || series.line ? [curve(series)] : [whiskers(series), points(series)],
    ),
  };
}

function pointer(colours: Colours) {
  return {
    lineStyle: { color: colours.quiet, type: 'solid' as const, width: 1 },
    label: { show: false },
  };
}

/** A series as ECharts takes it: its own types do not know custom series beside others. */
type Drawn = Record<string, unknown>;

function curve(series: ChartSeries): Drawn {
  return {
    type: 'line',
    name: series.name,
    data: series.points.map(({ x, y }) => [x, y ?? '-']),
    connectNulls: false,
    showSymbol: false,
    symbol: series.shape === 'none' ? 'circle' : (series.shape ?? 'circle'),
    symbolSize: 6,
    sampling: series.points.length > mostDrawn ? 'lttb' : undefined,
    lineStyle: { width: 1.75, color: series.colour, type: series.dashed ? 'dashed' : 'solid' },
    itemStyle: { color: series.colour },
    emphasis: { disabled: true },
  };
}

function points(series: ChartSeries): Drawn {
  return {
    type: 'scatter',
    name: series.name,
    data: series.points.map(({ x, y }) => [x, y ?? '-']),
    symbol: series.shape === 'diamond' ? 'diamond' : 'circle',
    symbolSize: series.shape === 'diamond' ? 14 : 11,
    itemStyle: { color: series.colour },
    emphasis: { scale: 1.3 },
  };
}

/** The interval of y as a thin line behind the point. */
function whiskers(series: ChartSeries): Drawn {
  const measured = series.points.filter(
    (point): point is ChartPoint & { low: number; high: number } =>
      typeof point.low === 'number' && typeof point.high === 'number',
  );
  return {
    type: 'custom',
    name: series.name,
    silent: true,
    clip: true,
    data: measured.map(({ x, low, high }) => [x, low, high]),
    encode: { x: 0, y: [1, 2] },
    renderItem: (_: unknown, api: RenderApi) => {
      const [x, low] = api.coord([api.value(0), api.value(1)]);
      const [, high] = api.coord([api.value(0), api.value(2)]);
      const style = { stroke: series.colour, lineWidth: 1.25, opacity: 0.75 };
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line',
        shape: { x1, y1, x2, y2 },
        style,
      });
      return {
        type: 'group',
        children: [
          line(x, low, x, high),
          line(x - 4, low, x + 4, low),
          line(x - 4, high, x + 4, high),
        ],
      };
    },
  };
}

interface RenderApi {
  value: (dimension: number) => number;
  coord: (point: [number, number]) => [number, number, ...number[]] & { 1: number };
}

interface TipItem {
  seriesName: string;
  color: string;
  seriesType: string;
  value: [number, number | '-'];
}

function tooltip(spec: ChartSpec, params: unknown): string {
  const items = (Array.isArray(params) ? params : [params]) as TipItem[];
  const [first] = items;
  if (first === undefined) return '';
  const lines = items.map(({ seriesName, color, value }) => {
    const y = value[1] === '-' ? 'no value' : spec.formatY(value[1]);
    return `<div><span style="color:${color}">●</span> ${escaped(seriesName)} <b>${escaped(y)}</b></div>`;
  });
  return `<div>${escaped(spec.xTitle.replace(/ \(.*\)$/, ''))} ${escaped(spec.formatX(first.value[0]))}</div>${lines.join('')}`;
}

/** Names come from specs of other people: never as markup. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
