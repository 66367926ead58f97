'use client';
// One schedule: what it launches, when next, what it launched last.
import type { ScheduleView } from '@stillwatt/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pause, Play, Trash2, Zap } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { formatAbsolute } from '../../ui/format.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useSession } from '../session/session.tsx';
import { launches, overlapWords } from './prepare.ts';
import styles from './schedules.module.css';

export function ScheduleItem({ schedule }: { schedule: ScheduleView }) {
  return (
    <li className={styles.item}>
      <div className={styles.what}>
        <h2 className={styles.name}>
          {schedule.name}
          {schedule.paused && <StateMark state="paused" />}
        </h2>
        <p className={styles.quiet}>
          Launches <strong>{schedule.spec.experiment}</strong>, {launches(schedule.spec)}
        </p>
        <p className={styles.quiet}>
          <code>{schedule.cron}</code> {schedule.timeZone} · if due again:{' '}
          {overlapWords[schedule.overlap]}
        </p>
      </div>
      <div>
        <h3 className={styles.quiet}>Next</h3>
        {schedule.nextRuns.length === 0 ? (
          <p className={styles.quiet}>{schedule.paused ? 'paused' : 'never again'}</p>
        ) : (
          <ol>
            {schedule.nextRuns.slice(0, 3).map((at) => (
              <li key={at} className={styles.when}>
                {formatAbsolute(new Date(at), schedule.timeZone).replace(/:00(?= )/, '')}
              </li>
            ))}
          </ol>
        )}
      </div>
      <div>
        <h3 className={styles.quiet}>Last</h3>
        {schedule.recentRuns.length === 0 ? (
          <p className={styles.quiet}>not yet</p>
        ) : (
          <ol>
            {schedule.recentRuns
              .slice(-3)
              .reverse()
              .map((run) => (
                <li key={run.id} className={styles.when}>
                  <Link href={`/${run.id.startsWith('sweep_') ? 'sweeps' : 'runs'}/${run.id}`}>
                    <RelativeTime at={run.at} />
                  </Link>
                </li>
              ))}
          </ol>
        )}
      </div>
      <ScheduleActions schedule={schedule} />
    </li>
  );
}

function ScheduleActions({ schedule }: { schedule: ScheduleView }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useToast();
  const { can } = useSession();
  const [asking, setAsking] = useState(false);
  const options = (done: string, failed: string) => ({
    onSuccess: () => say(done),
    onError: (error: unknown) => say(failed, errorBody(error)),
    onSettled: () => queries.invalidateQueries(trpc.schedules.list.pathFilter()),
  });
  const word = schedule.paused ? 'goes on' : 'is paused';
  const pause = useMutation(
    trpc.schedules.pause.mutationOptions(
      options(`${schedule.name} ${word}`, `${schedule.name} was not changed`),
    ),
  );
  const trigger = useMutation(
    trpc.schedules.trigger.mutationOptions(
      options(`${schedule.name} launched now`, 'Nothing was launched'),
    ),
  );
  const remove = useMutation(
    trpc.schedules.remove.mutationOptions(
      options(`${schedule.name} removed`, `${schedule.name} was not removed`),
    ),
  );
  if (!can('member')) return <div />;
  const input = { scheduleId: schedule.id };
  return (
    <div className={styles.actions}>
      <Button small busy={trigger.isPending} onClick={() => trigger.mutate(input)}>
        <Zap size={14} aria-hidden />
        Launch now
      </Button>
      <Button
        small
        busy={pause.isPending}
        onClick={() => pause.mutate({ ...input, paused: !schedule.paused })}
      >
        {schedule.paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
        {schedule.paused ? 'Go on' : 'Pause'}
      </Button>
      <IconButton small label={`Remove ${schedule.name}`} onClick={() => setAsking(true)}>
        <Trash2 size={14} aria-hidden />
      </IconButton>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Remove ${schedule.name}?`}
        about="It launches nothing more. What it launched stays."
        action="Remove schedule"
        busy={remove.isPending}
        onConfirm={() => remove.mutate(input)}
      />
    </div>
  );
}
