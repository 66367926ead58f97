// A state as icon and word, never colour alone.
import type { AttemptState, RunState, StageState, SweepState } from '@stillwatt/contracts';
import {
  Ban,
  Check,
  CircleDashed,
  CirclePause,
  CirclePlay,
  Clock,
  Layers2,
  type LucideIcon,
  Unplug,
  X,
} from 'lucide-react';
import { cx } from './cx.ts';
import styles from './state-mark.module.css';

export type AnyState = RunState | StageState | AttemptState | SweepState;

const icons: Record<AnyState, LucideIcon> = {
  waiting: CircleDashed,
  queued: Clock,
  running: CirclePlay,
  paused: CirclePause,
  succeeded: Check,
  cached: Layers2,
  failed: X,
  lost: Unplug,
  cancelled: Ban,
};

/** Words of the states where the bare name would not say enough. */
const words: Partial<Record<AnyState, string>> = { cached: 'from cache', lost: 'lost' };

export function stateWord(state: AnyState): string {
  return words[state] ?? state;
}

export function StateMark({
  state,
  badge = false,
  wordless = false,
}: {
  state: AnyState;
  badge?: boolean;
  wordless?: boolean;
}) {
  const Icon = icons[state];
  return (
    <span className={cx(styles.mark, styles[state], badge && styles.badge)}>
      <Icon
        size={14}
        strokeWidth={2.25}
        aria-hidden
        className={state === 'running' ? styles.pulse : undefined}
      />
      <span className={wordless ? 'visually-hidden' : undefined}>{stateWord(state)}</span>
    </span>
  );
}
