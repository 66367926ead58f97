'use client';
// The legend of a chart: a click hides a series, a double click shows it alone.
import { cx } from '../cx.ts';
import styles from './frame.module.css';
import { type ChartSpec, nextHidden } from './series.ts';

export function Legend({
  spec,
  hidden,
  setHidden,
}: {
  spec: ChartSpec;
  hidden: ReadonlySet<string>;
  setHidden: (hidden: ReadonlySet<string>) => void;
}) {
  const names = spec.series.map((series) => series.name);
  return (
    <ul className={styles.legend} aria-label="Series">
      {spec.series.map((series) => (
        <li key={series.name}>
          <button
            type="button"
            className={styles.entry}
            aria-pressed={!hidden.has(series.name)}
            title="Click: hide or show. Double click or Shift and click: this one alone."
            onClick={(event) =>
              setHidden(
                nextHidden(names, hidden, series.name, event.shiftKey || event.detail === 2),
              )
            }
          >
            <svg width="16" height="10" aria-hidden>
              {spec.kind === 'points' && !series.line ? (
                series.shape === 'diamond' ? (
                  <rect
                    x="5"
                    y="2"
                    width="6"
                    height="6"
                    fill={series.colour}
                    transform="rotate(45 8 5)"
                  />
                ) : (
                  <circle cx="8" cy="5" r="4" fill={series.colour} />
                )
              ) : (
                <line
                  x2="16"
                  y1="5"
                  y2="5"
                  stroke={series.colour}
                  strokeWidth="2"
                  strokeDasharray={series.dashed ? '4 3' : undefined}
                />
              )}
            </svg>
            <span className={cx(hidden.has(series.name) && styles.off)}>{series.name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
