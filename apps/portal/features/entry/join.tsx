'use client';
// Joins a project with an invitation link: as who is signed in, or with a new account.
import { useMutation, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { signIn } from '../../server/auth-client.ts';
import { errorBody, isGone, useTRPC } from '../../server/client.tsx';
import { savePreference } from '../../ui/preferences.ts';
import { Button } from '../../ui/button.tsx';
import { FaultNotice } from '../../ui/notice.tsx';
import { BoneBlock } from '../../ui/skeleton.tsx';
import { AccountForm } from './account-form.tsx';
import styles from './entry.module.css';
import { EntryPage } from './entry-page.tsx';

const roleWords = {
  viewer: 'see its runs and comment on them',
  member: 'launch and cancel runs',
  owner: 'launch runs and manage members',
} as const;

export function Join({ token }: { token: string }) {
  const trpc = useTRPC();
  const invitation = useQuery(trpc.invitations.show.queryOptions({ token }));
  const me = useQuery(trpc.me.get.queryOptions({}, { retry: false }));
  const accept = useMutation(
    trpc.invitations.accept.mutationOptions({
      onSuccess: async ({ projectId }, { account }) => {
        if (account) await signIn(account);
        savePreference('project', projectId);
        window.location.assign('/runs');
      },
    }),
  );
  if (invitation.isPending || me.isPending) {
    return (
      <EntryPage title="Invitation">
        <BoneBlock height={240} />
      </EntryPage>
    );
  }
  if (invitation.error && !isGone(errorBody(invitation.error))) {
    return (
      <EntryPage title="Invitation">
        <FaultNotice
          title="The invitation could not be loaded"
          fault={errorBody(invitation.error)}
          retry={() => void invitation.refetch()}
        />
      </EntryPage>
    );
  }
  if (invitation.error) {
    return (
      <EntryPage title="This invitation cannot be used">
        <FaultNotice
          title="It is used up, revoked or expired"
          fault={{ ...errorBody(invitation.error), fix: 'Ask a project owner for a new link.' }}
          amber
        />
        <Link href="/sign-in">Sign in with an account you have</Link>
      </EntryPage>
    );
  }
  const { project, organization, role } = invitation.data;
  const person = me.data?.person ?? null;
  const fault = accept.error && errorBody(accept.error);
  return (
    <EntryPage
      title={`Join ${project}`}
      about={`A project of ${organization}. As ${role} you can ${roleWords[role]}.`}
    >
      {person ? (
        <>
          {fault && <FaultNotice title="You have not joined" fault={fault} />}
          <Button
            look="primary"
            busy={accept.isPending || accept.isSuccess}
            onClick={() => accept.mutate({ token })}
          >
            Join as {person.name}
          </Button>
          <p className={styles.foot}>Signed in as {person.email}.</p>
        </>
      ) : (
        <>
          <AccountForm
            action={`Create account and join ${project}`}
            busy={accept.isPending || accept.isSuccess}
            fault={fault}
            onSubmit={(account) => accept.mutate({ token, account })}
          />
          <p className={styles.foot}>
            You have an account?{' '}
            <Link href={`/sign-in?next=${encodeURIComponent(`/join/${token}`)}`}>
              Sign in first
            </Link>
            .
          </p>
        </>
      )}
    </EntryPage>
  );
}
