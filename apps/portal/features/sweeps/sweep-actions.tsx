'use client';
// Pause, resume and cancel of a sweep.
import { isFinal, type SweepRow } from '@stillwatt/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useSession } from '../session/session.tsx';

export function SweepActions({ sweep }: { sweep: SweepRow }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useToast();
  const { can } = useSession();
  const [asking, setAsking] = useState(false);
  const options = (done: string, failed: string) => ({
    onSuccess: () => say(done),
    onError: (error: unknown) => say(failed, errorBody(error)),
    onSettled: () => {
      setAsking(false);
      void queries.invalidateQueries(trpc.sweeps.pathFilter());
    },
  });
  const pause = useMutation(
    trpc.sweeps.pause.mutationOptions(options('No further runs start', 'The sweep was not paused')),
  );
  const resume = useMutation(
    trpc.sweeps.resume.mutationOptions(options('The sweep goes on', 'The sweep was not resumed')),
  );
  const cancel = useMutation(
    trpc.sweeps.cancel.mutationOptions(
      options('The sweep is being cancelled', 'The sweep was not cancelled'),
    ),
  );
  if (isFinal(sweep.state) || !can('member')) return null;
  const input = { sweepId: sweep.id };
  return (
    <>
      {sweep.state === 'paused' ? (
        <Button busy={resume.isPending} onClick={() => resume.mutate(input)}>
          <Play size={14} aria-hidden />
          Resume
        </Button>
      ) : (
        <Button busy={pause.isPending} onClick={() => pause.mutate(input)}>
          <Pause size={14} aria-hidden />
          Pause
        </Button>
      )}
      <Button look="danger" onClick={() => setAsking(true)}>
        <Ban size={14} aria-hidden />
        Cancel sweep
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Cancel this sweep?"
        about="Its running runs are cancelled and no further ones start. What has finished stays."
        action="Cancel sweep"
        busy={cancel.isPending}
        onConfirm={() => cancel.mutate(input)}
      />
    </>
  );
}
