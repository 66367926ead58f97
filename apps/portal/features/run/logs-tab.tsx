'use client';
// The log of a run, live: by stage and level, following its end unless one scrolls up.
import { isFinal, type LogLine, type RunDetail } from '@stillwatt/contracts';
import { useEffect, useRef, useState } from 'react';
import { errorBody, useTRPC, useTRPCClient } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { Check, Select } from '../../ui/field.tsx';
import { formatAbsolute } from '../../ui/format.ts';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { BoneRows } from '../../ui/skeleton.tsx';
import { usePages } from '../live/use-pages.ts';
import styles from './logs.module.css';

const levels = ['debug', 'info', 'warn', 'error'] as const;

export function LogsTab({
  run,
  stage,
  setStage,
}: {
  run: RunDetail;
  stage: string | null;
  setStage: (stage: string | null) => void;
}) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [least, setLeast] = useState<LogLine['level']>('info');
  const [follow, setFollow] = useState(true);
  const input = { runId: run.id, limit: 500, ...(stage === null ? {} : { stage }) };
  const logs = usePages(trpc.runs.logs.infiniteQueryKey(input), (page, signal) =>
    client.runs.logs.query({ ...input, ...page }, { signal }),
  );
  const lines = (logs.data?.pages ?? [])
    .flatMap((page) => page.items)
    .filter((line) => levels.indexOf(line.level) >= levels.indexOf(least));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = logs;
  useEffect(() => {
    if (follow && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [follow, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <div className={styles.logs}>
      <div className={styles.bar}>
        <Select
          label="Stage"
          value={stage ?? ''}
          onChange={(event) => setStage(event.target.value || null)}
          options={[['', 'All stages'], ...run.stages.map(({ name }) => [name, name] as const)]}
        />
        <Select
          label="At least"
          value={least}
          onChange={(event) => setLeast(event.target.value as LogLine['level'])}
          options={levels.map((level) => [level, level] as const)}
        />
        <Check
          label="Follow the end"
          checked={follow}
          onChange={(event) => setFollow(event.target.checked)}
        />
      </div>
      {logs.isPending ? (
        <BoneRows rows={8} widths={[90, 80, '60%']} />
      ) : logs.error ? (
        <FaultNotice
          title="The log could not be loaded"
          fault={errorBody(logs.error)}
          retry={() => void logs.refetch()}
        />
      ) : lines.length === 0 ? (
        <Empty title="No lines">
          {isFinal(run.state)
            ? `${stage === null ? 'The stages of this run' : `Stage ${stage}`} wrote nothing of this level. A lower one may show more.`
            : 'What stages write stands here as they write it; most write only when something is out of the ordinary.'}
        </Empty>
      ) : (
        <Lines lines={lines} follow={follow} setFollow={setFollow} />
      )}
      {hasNextPage && !follow && (
        <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show later lines
        </Button>
      )}
    </div>
  );
}

function Lines({
  lines,
  follow,
  setFollow,
}: {
  lines: LogLine[];
  follow: boolean;
  setFollow: (follow: boolean) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [follow, lines.length]);
  const onScroll = () => {
    const { current } = box;
    if (current === null) return;
    const atEnd = current.scrollHeight - current.scrollTop - current.clientHeight < 24;
    if (!atEnd && follow) setFollow(false);
  };
  return (
    <div
      ref={box}
      className={styles.box}
      role="log"
      aria-label="Log lines"
      tabIndex={0}
      onScroll={onScroll}
    >
      {lines.map((line) => (
        <div
          key={`${line.stage} ${line.attempt} ${line.seq}`}
          className={cx(styles.line, styles[line.level])}
        >
          <time dateTime={line.at} title={formatAbsolute(new Date(line.at))}>
            {new Date(line.at).toLocaleTimeString('en-GB')}
          </time>
          <span className={styles.level}>{line.level}</span>
          <span className={styles.stage}>
            {line.stage}
            {line.attempt > 1 && `#${line.attempt}`}
          </span>
          <span className={styles.text}>{line.message}</span>
        </div>
      ))}
    </div>
  );
}
