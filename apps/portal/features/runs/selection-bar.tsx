'use client';
// What can be done with the chosen runs.
import { isFinal, type RunRow } from '@stillwatt/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, Scale, X } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { errorBody, useTRPC, useTRPCClient } from '../../server/client.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { plural } from '../../ui/format.ts';
import { useToast } from '../../ui/toast.tsx';
import { useSession } from '../session/session.tsx';
import styles from './runs.module.css';

/** As many as the server compares at once. */
const mostCompared = 100;

export function SelectionBar({
  rows,
  chosen,
  clear,
}: {
  rows: RunRow[];
  chosen: ReadonlySet<string>;
  clear: () => void;
}) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const router = useRouter();
  const say = useToast();
  const { can } = useSession();
  const [asking, setAsking] = useState(false);
  const picked = rows.filter((run) => chosen.has(run.id));
  const open = picked.filter((run) => !isFinal(run.state));
  const cancel = useMutation({
    mutationFn: () => Promise.all(open.map((run) => client.runs.cancel.mutate({ runId: run.id }))),
    onSuccess: () => say(`${plural(open.length, 'run')} cancelled`),
    onError: (error) => say('Not every run was cancelled', errorBody(error)),
    onSettled: () => {
      setAsking(false);
      clear();
      void queries.invalidateQueries(trpc.runs.list.pathFilter());
    },
  });
  if (picked.length === 0) return null;
  const tooMany = picked.length > mostCompared;
  return (
    <div className={styles.selection} role="toolbar" aria-label="Chosen runs">
      <span className={styles.selected} aria-live="polite">
        {plural(picked.length, 'run')} selected
      </span>
      <Button
        look="primary"
        disabled={picked.length < 2 || tooMany}
        title={tooMany ? `At most ${mostCompared} at once` : 'Choose two or more'}
        onClick={() => router.push(`/compare?runs=${picked.map((run) => run.id).join(',')}`)}
      >
        <Scale size={14} aria-hidden />
        Compare
      </Button>
      {can('member') && (
        <Button look="danger" disabled={open.length === 0} onClick={() => setAsking(true)}>
          <Ban size={14} aria-hidden />
          {open.length === 0 ? 'Cancel' : `Cancel ${plural(open.length, 'run')}`}
        </Button>
      )}
      <IconButton label="Clear the selection" onClick={clear}>
        <X size={16} aria-hidden />
      </IconButton>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Cancel ${plural(open.length, 'run')}?`}
        about="Stages in flight stop unless another run waits for them. Finished stages stay in the cache."
        action={`Cancel ${plural(open.length, 'run')}`}
        busy={cancel.isPending}
        onConfirm={() => cancel.mutate()}
      />
    </div>
  );
}
