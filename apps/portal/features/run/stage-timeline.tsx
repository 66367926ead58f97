'use client';
// The stages of a run as a Gantt strip: attempts, what came from cache hatched, the live edge moving.
import type { RunDetail } from '@stillwatt/contracts';
import { cx } from '../../ui/cx.ts';
import { formatDuration, formatEta } from '../../ui/format.ts';
import { StateMark, stateWord } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/time.tsx';
import styles from './timeline.module.css';
import { type Bar, notePlace, timeline, type TimelineRow } from './timeline.ts';

export function StageTimeline({
  run,
  chosen,
  choose,
}: {
  run: RunDetail;
  chosen: string | null;
  choose: (stage: string) => void;
}) {
  const now = useNow(1000) ?? new Date(run.finishedAt ?? run.createdAt);
  const drawn = timeline(run.stages, now);
  return (
    <section aria-label="Stages" className={styles.strip}>
      <div className={styles.head}>
        <h2>Stages</h2>
        <div className={styles.ticks} aria-hidden>
          {drawn?.ticks.map((tick) => (
            <span key={tick.text} style={{ left: `${tick.at * 100}%` }}>
              {tick.text}
            </span>
          ))}
        </div>
        <span className={styles.headTime}>Time</span>
      </div>
      <ol className={styles.rows}>
        {(drawn?.rows ?? run.stages.map((stage) => ({ stage, bars: [], seconds: null }))).map(
          (row) => (
            <li key={row.stage.name}>
              <button
                type="button"
                className={styles.row}
                aria-expanded={chosen === row.stage.name}
                onClick={() => choose(row.stage.name)}
              >
                <span className={styles.name}>
                  <StateMark state={row.stage.state} wordless />
                  {row.stage.name}
                </span>
                <span className={styles.track}>
                  {drawn?.ticks.map((tick) => (
                    <span
                      key={tick.text}
                      className={styles.grid}
                      style={{ left: `${tick.at * 100}%` }}
                    />
                  ))}
                  {row.bars.map((bar, index) => (
                    <BarMark key={index} bar={bar} />
                  ))}
                  {drawn?.nowAt != null && (
                    <span className={styles.now} style={{ left: `${drawn.nowAt * 100}%` }} />
                  )}
                  <RowNote row={row} />
                </span>
                <span className={styles.time}>
                  {row.seconds === null ? '' : formatDuration(row.seconds)}
                </span>
              </button>
            </li>
          ),
        )}
      </ol>
    </section>
  );
}

function BarMark({ bar }: { bar: Bar }) {
  const attempt = bar.attempt === null ? '' : `attempt ${bar.attempt}: `;
  return (
    <span
      className={cx(styles.bar, styles[bar.state], bar.live && styles.live)}
      style={{ left: `${bar.left * 100}%`, width: `${bar.width * 100}%` }}
      title={attempt + stateWord(bar.state)}
    />
  );
}

/** What happens now, after the bar: phase, steps, rate and what is left. */
function RowNote({ row: { stage, bars } }: { row: TimelineRow }) {
  const text = note(stage);
  if (text === null) return null;
  const { side, at } = notePlace(bars);
  const style = {
    // A short bar is drawn wider than it is.
    after: {
      left: `max(${at * 100}%, ${(bars[0]?.left ?? 0) * 100}% + ${bars.length > 0 ? 18 : 0}px)`,
    },
    before: { right: `${(1 - at) * 100}%` },
    on: { left: `calc(${at * 100}% + 8px)` },
  }[side];
  return (
    <span className={cx(styles.note, side === 'on' && styles.on)} style={style}>
      {text}
    </span>
  );
}

function note(stage: TimelineRow['stage']): string | null {
  if (stage.state === 'cached') return 'from cache';
  if (stage.state === 'queued') return 'waits for a CPU slot';
  if (stage.state === 'failed') return stage.error?.code ?? 'failed';
  if (stage.state !== 'running') {
    return stage.attempts.length > 1 ? `${stage.attempts.length} attempts` : null;
  }
  const steps =
    stage.done !== null && stage.total !== null && stage.total > 0
      ? `${Math.round((stage.done / stage.total) * 100)} %`
      : null;
  const left = stage.etaSeconds === null ? null : `${formatEta(stage.etaSeconds)} left`;
  return [stage.phase, steps, left].filter((part) => part !== null).join(' · ') || 'starting';
}
