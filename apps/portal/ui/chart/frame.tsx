'use client';
// The one frame of every chart: title, legend, log switch, reset, full screen, export.
import { ChartSpline, Download, Maximize, RotateCcw } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useRef, useState } from 'react';
import { Button, IconButton } from '../button.tsx';
import { Menu, MenuItem } from '../menu.tsx';
import { Bone } from '../skeleton.tsx';
import type { ChartHandle } from './canvas.tsx';
import styles from './frame.module.css';
import { Legend } from './legend.tsx';
import { canBeLog, type ChartSpec, fileName, toCsv } from './series.ts';

// The drawing library is large and of no use before there is something to draw.
const ChartCanvas = dynamic(() => import('./canvas.tsx'), {
  ssr: false,
  loading: () => <Bone height="100%" />,
});

export function ChartFrame({
  spec,
  height = 280,
  group,
  note,
}: {
  spec: ChartSpec;
  height?: number;
  /** Charts of one group show their crosshair at the same place. */
  group?: string;
  /** One sentence under the chart: how to read it. */
  note?: string;
}) {
  const figure = useRef<HTMLElement>(null);
  const handle = useRef<ChartHandle | null>(null);
  const [log, setLog] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  // Of points, the cost axis would matter, and three models need no log.
  const mayLog = spec.kind === 'curves' && canBeLog(spec);
  const name = fileName(spec.title);
  const save = (type: string, href: string) => {
    const link = document.createElement('a');
    link.href = href;
    link.download = `${name}.${type}`;
    link.click();
  };
  const asBlob = (text: string, mime: string) =>
    URL.createObjectURL(new Blob([text], { type: mime }));
  return (
    <figure className={styles.frame} ref={figure} aria-label={spec.title}>
      <div className={styles.head}>
        <figcaption className={styles.title}>{spec.title}</figcaption>
        <div className={styles.tools}>
          {mayLog && (
            <Button
              small
              look="quiet"
              aria-pressed={log}
              className={log ? styles.pressed : undefined}
              title="Logarithmic vertical axis"
              onClick={() => setLog(!log)}
            >
              log
            </Button>
          )}
          <IconButton small label="Show all again" onClick={() => handle.current?.reset()}>
            <RotateCcw size={14} aria-hidden />
          </IconButton>
          <IconButton
            small
            label="Full screen"
            onClick={() =>
              void (document.fullscreenElement
                ? document.exitFullscreen()
                : figure.current?.requestFullscreen())
            }
          >
            <Maximize size={14} aria-hidden />
          </IconButton>
          <Menu
            align="end"
            trigger={
              <button type="button" className={styles.export} aria-label={`Export ${spec.title}`}>
                <Download size={14} aria-hidden />
              </button>
            }
          >
            <MenuItem
              onSelect={() => save('svg', asBlob(handle.current?.svg() ?? '', 'image/svg+xml'))}
            >
              SVG
            </MenuItem>
            <MenuItem onSelect={() => save('png', handle.current?.png() ?? '')}>PNG</MenuItem>
            <MenuItem onSelect={() => save('csv', asBlob(toCsv(spec, hidden), 'text/csv'))}>
              CSV
            </MenuItem>
          </Menu>
        </div>
      </div>
      <div className={styles.box} style={{ height }}>
        <ChartCanvas
          spec={spec}
          log={log && mayLog}
          hidden={hidden}
          group={group}
          handleRef={handle}
        />
      </div>
      <Legend spec={spec} hidden={hidden} setHidden={setHidden} />
      {note !== undefined && <p className={styles.note}>{note}</p>}
    </figure>
  );
}

/** Where a chart will be once there is something to draw. */
export function ChartEmpty({ title, children }: { title: string; children: string }) {
  return (
    <figure className={styles.frame}>
      <figcaption className={styles.title}>{title}</figcaption>
      <div className={styles.empty}>
        <ChartSpline size={20} aria-hidden />
        <p>{children}</p>
      </div>
    </figure>
  );
}
