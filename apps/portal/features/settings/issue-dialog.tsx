'use client';
// The form that makes a key or a link, and then its secret, once.
import type { Role } from '@stillwatt/contracts';
import { type FormEvent, type ReactNode, useState } from 'react';
import { errorBody } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogFoot } from '../../ui/dialog.tsx';
import { Select } from '../../ui/field.tsx';
import { FaultNotice } from '../../ui/notice.tsx';
import { roleOptions } from './roles.ts';
import { SecretOnce } from './secret-once.tsx';
import styles from './settings.module.css';

/** Days, '' for without end, and how people say it. */
export type Lifetimes = readonly (readonly [days: string, text: string])[];

export function IssueDialog({
  title,
  noun,
  what,
  lifetimes,
  lifetime,
  secret,
  error,
  busy,
  ready = true,
  onMake,
  close,
  children,
}: {
  title: string;
  /** “key”, for the button. */
  noun: string;
  /** What the secret is: “API key”. */
  what: string;
  lifetimes: Lifetimes;
  /** The one to start from. */
  lifetime: string;
  /** Once it is made. */
  secret: string | undefined;
  error: unknown;
  busy: boolean;
  /** The fields of `children` are filled in. */
  ready?: boolean;
  onMake: (chosen: { role: Role; days?: number }) => void;
  close: () => void;
  children?: ReactNode;
}) {
  const [role, setRole] = useState<Role>('member');
  const [days, setDays] = useState(lifetime);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onMake({ role, ...(days === '' ? {} : { days: Number(days) }) });
  };
  return (
    <Dialog open onOpenChange={(open) => !open && close()} title={title}>
      {secret !== undefined ? (
        <SecretOnce what={what} secret={secret} close={close} />
      ) : (
        <form onSubmit={submit} className={styles.form}>
          {error !== null && <FaultNotice title={`No ${noun} was made`} fault={errorBody(error)} />}
          {children}
          <Select
            label="Role"
            value={role}
            options={roleOptions}
            onChange={(event) => setRole(event.target.value as Role)}
          />
          <Select
            label="Good for"
            value={days}
            options={lifetimes}
            onChange={(event) => setDays(event.target.value)}
          />
          <DialogFoot>
            <Button look="primary" type="submit" busy={busy} disabled={!ready}>
              Make the {noun}
            </Button>
          </DialogFoot>
        </form>
      )}
    </Dialog>
  );
}
