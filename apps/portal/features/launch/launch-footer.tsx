'use client';
// What pressing the button will do, and the button.
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { CircleAlert, Play } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { plural } from '../../ui/format.ts';
import { useToast } from '../../ui/toast.tsx';
import { useSession } from '../session/session.tsx';
import styles from './launch.module.css';
import { previewText } from './preview.ts';
import type { Draft } from './prepare.ts';

/** The server is asked once the typing rests. */
const restMs = 350;

export function LaunchFooter({ draft }: { draft: Draft }) {
  const trpc = useTRPC();
  const router = useRouter();
  const say = useToast();
  const { project } = useSession();
  const rested = useRested(draft.text, restMs);
  const valid = draft.issues.length === 0;
  const preview = useQuery(
    trpc.specs.preview.queryOptions(
      { projectId: project.id, spec: rested },
      { enabled: valid && rested === draft.text, placeholderData: keepPreviousData },
    ),
  );
  const launch = useMutation(
    trpc.specs.launch.mutationOptions({
      onSuccess: ({ runId, sweepId }) => {
        say(`${plural(draft.runs ?? 1, 'run')} launched`);
        router.push(sweepId !== null ? `/sweeps/${sweepId}` : `/runs/${runId ?? ''}`);
      },
      onError: (error) => say('Nothing was launched', errorBody(error)),
    }),
  );
  const [first] = valid ? (preview.data?.issues ?? []) : draft.issues;
  const count = valid ? (preview.data?.issues.length ?? 0) : draft.issues.length;
  return (
    <footer className={styles.footer}>
      <p className={styles.will} aria-live="polite">
        {first ? (
          <span className={styles.wrong}>
            <CircleAlert size={14} aria-hidden />
            {count > 1 && `${count} things to mend, first `}
            {first.path !== '' && <code>{first.path}</code>} {first.reason}: {first.fix}
          </span>
        ) : preview.error ? (
          <>
            The preview is not to be had ({errorBody(preview.error).code}); launching may still
            work.
          </>
        ) : (
          previewText(draft.runs, preview.data ?? null)
        )}
      </p>
      <Button
        look="primary"
        disabled={!valid || count > 0}
        busy={launch.isPending || launch.isSuccess}
        onClick={() => launch.mutate({ projectId: project.id, spec: draft.text })}
      >
        <Play size={14} aria-hidden />
        {draft.runs === null ? 'Launch' : `Launch ${plural(draft.runs, 'run')}`}
      </Button>
    </footer>
  );
}

function useRested(text: string, ms: number): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return rested;
}
