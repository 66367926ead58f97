'use client';
// The talk about a run: who is here, what was said, live for everyone who looks at it.
import { type CommentView, type RunDetail } from '@stillwatt/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { TextArea } from '../../ui/field.tsx';
import { FaultNotice } from '../../ui/notice.tsx';
import { Bone } from '../../ui/skeleton.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { Tip } from '../../ui/tip.tsx';
import { useToast } from '../../ui/toast.tsx';
import { initials } from '../frame/initials.ts';
import { usePeopleHere } from '../live/live.tsx';
import { useSession } from '../session/session.tsx';
import styles from './comments.module.css';
import runStyles from './run.module.css';

export function Comments({ run }: { run: RunDetail }) {
  const trpc = useTRPC();
  const comments = useQuery(trpc.comments.list.queryOptions({ runId: run.id }));
  return (
    <aside className={runStyles.aside} aria-label="Comments">
      <div className={styles.head}>
        <h2>Comments</h2>
        <Presence />
      </div>
      <div className={styles.list} tabIndex={0} role="region" aria-label="All comments">
        {comments.isPending && <Bone height={64} />}
        {comments.error && (
          <FaultNotice
            title="Comments could not be loaded"
            fault={errorBody(comments.error)}
            retry={() => void comments.refetch()}
          />
        )}
        {comments.data?.items.length === 0 && (
          <p className={styles.none}>
            Nobody has said anything yet. What you write here, everyone in the project can read at
            once.
          </p>
        )}
        {comments.data?.items.map((comment) => (
          <CommentItem key={comment.id} comment={comment} />
        ))}
      </div>
      <CommentForm runId={run.id} />
    </aside>
  );
}

/** Faces of those who look at this run now. */
function Presence() {
  const people = usePeopleHere();
  if (people.length === 0) return null;
  return (
    <ul className={styles.people} aria-label="Looking at this run now">
      {people.slice(0, 5).map((person) => (
        <li key={person.id}>
          <Tip text={`${person.name} is here`}>
            <span className={styles.face} tabIndex={0}>
              <span aria-hidden>{initials(person.name)}</span>
              <span className="visually-hidden">{person.name}</span>
            </span>
          </Tip>
        </li>
      ))}
    </ul>
  );
}

function CommentItem({ comment }: { comment: CommentView }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useToast();
  const { person, can } = useSession();
  const remove = useMutation(
    trpc.comments.remove.mutationOptions({
      onSuccess: () =>
        queries.invalidateQueries(trpc.comments.list.queryFilter({ runId: comment.runId })),
      onError: (error) => say('The comment was not removed', errorBody(error)),
    }),
  );
  const mine = comment.author.id === person?.id;
  return (
    <article className={styles.comment}>
      <h3 className={styles.author}>
        {comment.author.name}
        <span className={styles.when}>
          <RelativeTime at={comment.createdAt} />
        </span>
      </h3>
      {(mine || can('owner')) && (
        <IconButton
          small
          label={`Remove the comment of ${comment.author.name}`}
          disabled={remove.isPending}
          onClick={() => remove.mutate({ commentId: comment.id })}
        >
          <Trash2 size={14} aria-hidden />
        </IconButton>
      )}
      <p className={styles.body}>{comment.body}</p>
    </article>
  );
}

function CommentForm({ runId }: { runId: string }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [body, setBody] = useState('');
  const add = useMutation(
    trpc.comments.add.mutationOptions({
      onSuccess: () => {
        setBody('');
        return queries.invalidateQueries(trpc.comments.list.queryFilter({ runId }));
      },
    }),
  );
  const send = () => {
    if (body.trim() !== '' && !add.isPending) add.mutate({ runId, body: body.trim() });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <form className={styles.form} onSubmit={onSubmit}>
      <TextArea
        label="Add a comment"
        maxLength={10_000}
        value={body}
        onChange={(event) => setBody(event.target.value)}
        onKeyDown={onKeyDown}
        hint="Ctrl Enter sends it"
        error={add.error && errorBody(add.error).message}
      />
      <Button type="submit" busy={add.isPending} disabled={body.trim() === ''}>
        Comment
      </Button>
    </form>
  );
}
