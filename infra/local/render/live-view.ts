// Live progress: stages that have ended scroll by, those that run are redrawn below them.
import { type RunDetail, type StageView, isFinal } from '@stillwatt/contracts';
import type { Paint } from './colour.ts';
import { endLine, liveLine, runLabel, stageLabel } from './stage-line.ts';

/** Without a terminal, a running stage says where it is this often. */
const plainEveryMs = 15_000;
/** Drawn even where the terminal does not tell its height. */
const fewestLines = 4;

export interface LiveView {
  /** Draws the present state of every run that is watched. */
  update(runs: readonly RunDetail[]): void;
  /** A line among the rest: a part was restarted, the connection was lost. */
  note(text: string): void;
  /** Removes what is redrawn. */
  end(): void;
}

export interface LiveViewOptions {
  write: (text: string) => void;
  isTerminal: boolean;
  /** Cells per line, asked at each drawing: a window may be resized. */
  columns: () => number;
  rows: () => number;
  paint: Paint;
  now?: () => number;
}

export function createLiveView(options: LiveViewOptions): LiveView {
  const { write, isTerminal, columns, rows, paint, now = Date.now } = options;
  const ended = new Set<string>();
  const told = new Map<string, number>();
  let drawn = 0;

  function erase() {
    if (drawn > 0) write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  }

  return {
    update(runs) {
      const finished: string[] = [];
      const live: string[] = [];
      const labels = new Map(
        runs.flatMap((run) =>
          run.stages.map((stage) => [stage.path, stageLabel(runLabel(run, runs.length), stage)]),
        ),
      );
      for (const run of runs) {
        for (const stage of run.stages) {
          const label = labels.get(stage.path) ?? stage.name;
          if (isFinal(stage.state)) {
            const owner = labels.get(stage.ownerPath ?? '');
            if (!ended.has(stage.path)) finished.push(endLine(label, stage, paint, owner));
            ended.add(stage.path);
          } else if (!isElsewhere(stage) && (isTerminal || isDue(stage))) {
            live.push(liveLine(label, stage, isTerminal ? columns() - 1 : 200, paint));
          }
        }
      }
      erase();
      for (const line of finished) write(`${line}\n`);
      const shown = isTerminal ? fit(live, Math.max(fewestLines, rows() - 2)) : live;
      for (const line of shown) write(`${line}\n`);
      drawn = isTerminal ? shown.length : 0;
    },
    note(text) {
      erase();
      write(`${text}\n`);
    },
    end: erase,
  };

  /** Without a terminal: when it starts, and then now and again. */
  function isDue(stage: StageView): boolean {
    if (stage.state !== 'running') return false;
    const last = told.get(stage.path);
    if (last !== undefined && now() - last < plainEveryMs) return false;
    told.set(stage.path, now());
    return true;
  }
}

/** Computed for another run, in whose lines it shows. */
function isElsewhere({ ownerPath, path }: StageView): boolean {
  return ownerPath !== null && ownerPath !== path;
}

/** More lines than the window has could not be erased again. Running ones come before waiting ones. */
function fit(lines: string[], height: number): string[] {
  if (lines.length <= height) return lines;
  const kept = lines.filter((line) => line.includes('▸')).slice(0, Math.max(1, height - 1));
  return [...kept, `  and ${lines.length - kept.length} more`];
}
