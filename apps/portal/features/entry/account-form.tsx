'use client';
// Name, e-mail and password of a new account, for the first administrator and for who is invited.
import { type FormEvent, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { FaultNotice, type Fault } from '../../ui/notice.tsx';
import { type Account, accountIssues } from './prepare.ts';

export function AccountForm({
  action,
  busy,
  fault,
  onSubmit,
}: {
  /** What the button does: “Create the administrator”. */
  action: string;
  busy: boolean;
  fault: Fault | null;
  onSubmit: (account: Account) => void;
}) {
  const [account, setAccount] = useState<Account>({ name: '', email: '', password: '' });
  const [tried, setTried] = useState(false);
  const issues = accountIssues(account);
  const shown = tried ? issues : {};
  const set = (part: Partial<Account>) => setAccount((old) => ({ ...old, ...part }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(issues).length === 0) {
      onSubmit({ ...account, name: account.name.trim(), email: account.email.trim() });
    }
  };
  return (
    <form onSubmit={submit} noValidate>
      {fault && <FaultNotice title="The account was not created" fault={fault} />}
      <TextField
        label="Name"
        autoComplete="name"
        value={account.name}
        onChange={(event) => set({ name: event.target.value })}
        error={shown.name}
      />
      <TextField
        label="E-mail"
        type="email"
        autoComplete="email"
        value={account.email}
        onChange={(event) => set({ email: event.target.value })}
        error={shown.email}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        hint="At least 10 characters"
        value={account.password}
        onChange={(event) => set({ password: event.target.value })}
        error={shown.password}
      />
      <Button look="primary" type="submit" busy={busy}>
        {action}
      </Button>
    </form>
  );
}
