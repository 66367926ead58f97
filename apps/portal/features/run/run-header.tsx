'use client';
// The head of a run: name, state, who and when, the four figures.
import type { RunDetail } from '@stillwatt/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, Scale } from 'lucide-react';
import { useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { NotMeasured } from '../../ui/figure.tsx';
import { formatEta } from '../../ui/format.ts';
import { Progress } from '../../ui/progress.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { Elapsed, RelativeTime } from '../../ui/time.tsx';
import { useToast } from '../../ui/toast.tsx';
import { AttentionMark } from '../runs/cells.tsx';
import { cellText, headline, requester } from '../runs/prepare.ts';
import { useSession } from '../session/session.tsx';
import { headerFigures, mayCancel, modelName } from './prepare.ts';
import styles from './run.module.css';

export function RunHeader({ run }: { run: RunDetail }) {
  const { can } = useSession();
  const model = headline(run.models);
  const cell = cellText(run.cell);
  return (
    <header className={styles.header}>
      <div className={styles.titleLine}>
        <h1 className={styles.title}>
          {run.experiment}
          {cell !== '' && <span className={styles.titleCell}>{cell}</span>}
        </h1>
        <StateMark state={run.state} badge />
        <span className={styles.grow} />
        <ButtonLink href={`/compare?runs=${run.id}`}>
          <Scale size={14} aria-hidden />
          Compare
        </ButtonLink>
        {can('member') && mayCancel(run) && <CancelRun run={run} />}
      </div>
      <ul className={styles.facts}>
        <li>
          <AttentionMark attention={run.attention} />
        </li>
        <li>{run.task}</li>
        <li>seed {run.seed}</li>
        <li>
          <RelativeTime at={run.createdAt} /> by {requester(run)}
        </li>
        {run.startedAt !== null && (
          <li>
            {run.finishedAt === null ? 'running for' : 'took'}{' '}
            <Elapsed from={run.startedAt} to={run.finishedAt} />
          </li>
        )}
      </ul>
      {run.state === 'running' && (
        <div className={styles.liveLine}>
          <Progress share={run.progress} label="Run: done" />
          <span>
            {Math.round(run.progress * 100)} %
            {run.etaSeconds !== null && `, ${formatEta(run.etaSeconds)} left`}
          </span>
        </div>
      )}
      {model && (
        <p className={styles.whose}>
          Figures of the {modelName(model.role).toLowerCase()} ({model.precision}), against its
          teacher
        </p>
      )}
      <dl className={styles.figures}>
        {headerFigures(run).map((figure) => (
          <div key={figure.label} className={styles.figure}>
            <dt>{figure.label}</dt>
            <dd className={styles.big}>{figure.text ?? <NotMeasured reason={figure.reason} />}</dd>
            <dd className={styles.small}>{figure.difference ?? figure.detail ?? figure.reason}</dd>
            {figure.difference !== null && figure.detail !== null && (
              <dd className={styles.small}>{figure.detail}</dd>
            )}
          </div>
        ))}
      </dl>
    </header>
  );
}

function CancelRun({ run }: { run: RunDetail }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useToast();
  const [asking, setAsking] = useState(false);
  const cancel = useMutation(
    trpc.runs.cancel.mutationOptions({
      onSuccess: () => say('The run is being cancelled'),
      onError: (error) => say('The run was not cancelled', errorBody(error)),
      onSettled: () => {
        setAsking(false);
        void queries.invalidateQueries(trpc.runs.get.queryFilter({ runId: run.id }));
      },
    }),
  );
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        <Ban size={14} aria-hidden />
        Cancel run
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Cancel this run?"
        about="Its stage stops unless another run waits for it. Finished stages stay in the cache."
        action="Cancel run"
        busy={cancel.isPending}
        onConfirm={() => cancel.mutate({ runId: run.id })}
      />
    </>
  );
}
