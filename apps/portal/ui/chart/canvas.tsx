'use client';
// The drawing inside a chart frame: ECharts in a box that follows its size.
import { type RefObject, useEffect, useRef } from 'react';
import { useDark } from '../theme.ts';
import { type Chart, echarts } from './engine.ts';
import styles from './frame.module.css';
import { toOption } from './option.ts';
import { colours } from './palette.ts';
import type { ChartSpec } from './series.ts';

export default function ChartCanvas({
  spec,
  log,
  hidden,
  group,
  handleRef,
}: {
  spec: ChartSpec;
  log: boolean;
  hidden: ReadonlySet<string>;
  group: string | undefined;
  handleRef: RefObject<ChartHandle | null>;
}) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const dark = useDark();

  useEffect(() => {
    if (box.current === null) return;
    const made = echarts.init(box.current);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    if (chart.current === null || group === undefined) return;
    // Charts of one group move their crosshair in step.
    chart.current.group = group;
    echarts.connect(group);
  }, [group]);

  useEffect(() => {
    const look = { colours: colours(dark), log, hidden };
    const option = toOption(spec, look);
    chart.current?.setOption(option, { replaceMerge: ['series'] });
    // Dragging zooms: the tool of the tool box is always on, its button never shown.
    chart.current?.dispatchAction({
      type: 'takeGlobalCursor',
      key: 'dataZoomSelect',
      dataZoomSelectActive: true,
    });
    handleRef.current = {
      reset: () =>
        chart.current?.dispatchAction({
          type: 'dataZoom',
          start: 0,
          end: 100,
          dataZoomIndex: [0, 1],
        }),
      png: () =>
        chart.current?.getDataURL({ pixelRatio: 2, backgroundColor: look.colours.surface }) ?? '',
      svg: () => renderSvg(option, look.colours.surface, box.current),
    };
  }, [spec, log, hidden, dark, handleRef]);

  return <div ref={box} className={styles.canvas} />;
}

export interface ChartHandle {
  reset: () => void;
  /** data: URL. */
  png: () => string;
  /** SVG text. */
  svg: () => string;
}

function renderSvg(option: object, background: string, box: HTMLElement | null): string {
  const size = { width: box?.clientWidth ?? 800, height: box?.clientHeight ?? 400 };
  const drawn = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  drawn.setOption({ ...option, backgroundColor: background });
  const text = drawn.renderToSVGString();
  drawn.dispose();
  return text;
}
