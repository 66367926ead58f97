'use client';
// Creates the first administrator with the one-time token that the start of the platform prints.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { signIn } from '../../server/auth-client.ts';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { ButtonLink } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { AccountForm } from './account-form.tsx';
import { EntryPage } from './entry-page.tsx';

export function Welcome() {
  const trpc = useTRPC();
  const inLink = useSearchParams().get('token');
  const [typed, setTyped] = useState('');
  const setup = useQuery(trpc.setup.status.queryOptions({}));
  const create = useMutation(
    trpc.setup.createAdministrator.mutationOptions({
      onSuccess: async (_, { email, password }) => {
        await signIn({ email, password });
        window.location.assign('/launch');
      },
    }),
  );
  if (setup.data?.needsAdministrator === false && !create.isPending && !create.isSuccess) {
    return (
      <EntryPage
        title="Stillwatt is set up"
        about="This installation has its administrator already."
      >
        <ButtonLink href="/sign-in" look="primary">
          Sign in
        </ButtonLink>
      </EntryPage>
    );
  }
  return (
    <EntryPage
      title="Welcome: create the administrator"
      about="The first account owns this installation and invites the others."
    >
      {inLink === null && (
        <TextField
          label="One-time token"
          hint="Printed in the terminal when the platform started"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <AccountForm
        action="Create the administrator"
        busy={create.isPending || create.isSuccess}
        fault={create.error && errorBody(create.error)}
        onSubmit={(account) => create.mutate({ ...account, token: inLink ?? typed.trim() })}
      />
    </EntryPage>
  );
}
