'use client';
// Signs in with e-mail and password.
import { useQuery } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useEffect, useState } from 'react';
import { signIn } from '../../server/auth-client.ts';
import { useTRPC } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { type Fault, FaultNotice } from '../../ui/notice.tsx';
import styles from './entry.module.css';
import { EntryPage } from './entry-page.tsx';
import { nextPath, signInFault } from './prepare.ts';

export function SignIn() {
  const trpc = useTRPC();
  const router = useRouter();
  const next = nextPath(useSearchParams().get('next'));
  const setup = useQuery(trpc.setup.status.queryOptions({}));
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);

  const needsAdministrator = setup.data?.needsAdministrator === true;
  useEffect(() => {
    if (needsAdministrator) router.replace('/welcome');
  }, [needsAdministrator, router]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    const answer = await signIn({ email: email.trim(), password });
    if (answer.error) {
      setFault(signInFault(answer.error.status));
      setBusy(false);
      return;
    }
    // A full load, so that nothing of an earlier session stays in memory.
    window.location.assign(next);
  };
  return (
    <EntryPage title="Sign in">
      <form onSubmit={(event) => void submit(event)}>
        {fault && <FaultNotice title="You are not signed in" fault={fault} />}
        <TextField
          label="E-mail"
          type="email"
          autoComplete="email"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button look="primary" type="submit" busy={busy}>
          Sign in
        </Button>
      </form>
      <p className={styles.foot}>
        No account yet? A project owner can send you an invitation link.
      </p>
    </EntryPage>
  );
}
