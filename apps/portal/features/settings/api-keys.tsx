'use client';
// API keys of the project, for the command line and programs.
import type { Role } from '@stillwatt/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogFoot } from '../../ui/dialog.tsx';
import { Select, TextField } from '../../ui/field.tsx';
import { FaultNotice } from '../../ui/notice.tsx';
import { Section } from '../../ui/page.tsx';
import { BoneRows } from '../../ui/skeleton.tsx';
import table from '../../ui/table.module.css';
import { RelativeTime } from '../../ui/time.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useSession } from '../session/session.tsx';
import { roleOptions } from './roles.ts';
import { SecretOnce } from './secret-once.tsx';
import styles from './settings.module.css';

const lifetimes = [
  ['30', '30 days'],
  ['365', 'a year'],
  ['', 'until revoked'],
] as const;

export function ApiKeys() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useToast();
  const { project } = useSession();
  const [making, setMaking] = useState(false);
  const keys = useQuery(trpc.apiKeys.list.queryOptions({ projectId: project.id }));
  const revoke = useMutation(
    trpc.apiKeys.revoke.mutationOptions({
      onSuccess: () => say('The key is revoked'),
      onError: (error) => say('The key was not revoked', errorBody(error)),
      onSettled: () => queries.invalidateQueries(trpc.apiKeys.list.pathFilter()),
    }),
  );
  const items = keys.data?.items ?? [];
  return (
    <Section
      title="API keys"
      about="for the command line and programs"
      actions={
        <Button small onClick={() => setMaking(true)}>
          <KeyRound size={14} aria-hidden />
          Make a key
        </Button>
      }
    >
      {keys.isPending && <BoneRows rows={1} widths={[120, 80, 120, 120]} />}
      {keys.error && (
        <FaultNotice
          title="The keys could not be loaded"
          fault={errorBody(keys.error)}
          retry={() => void keys.refetch()}
        />
      )}
      {keys.data && items.length === 0 && (
        <p className={styles.none}>
          No keys. The command line and the public API ask for one; each acts with its own role.
        </p>
      )}
      {items.length > 0 && (
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col" className={table.minor}>
                Last used
              </th>
              <th scope="col" className={table.minor}>
                Expires
              </th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((key) => (
              <tr key={key.id}>
                <td className={styles.strong}>{key.name}</td>
                <td>{key.role}</td>
                <td className={table.minor}>
                  {key.lastUsedAt === null ? 'never' : <RelativeTime at={key.lastUsedAt} />}
                </td>
                <td className={table.minor}>
                  {key.expiresAt === null ? 'when revoked' : <RelativeTime at={key.expiresAt} />}
                </td>
                <td className={table.actions}>
                  <Button
                    small
                    look="danger"
                    disabled={revoke.isPending}
                    onClick={() => revoke.mutate({ apiKeyId: key.id })}
                  >
                    Revoke
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {making && <MakeKey close={() => setMaking(false)} />}
    </Section>
  );
}

function MakeKey({ close }: { close: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { project } = useSession();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [days, setDays] = useState('365');
  const make = useMutation(
    trpc.apiKeys.create.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.apiKeys.list.pathFilter()),
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const lifetime = days === '' ? {} : { days: Number(days) };
    make.mutate({ projectId: project.id, name: name.trim(), role, ...lifetime });
  };
  return (
    <Dialog open onOpenChange={(open) => !open && close()} title="New API key">
      {make.data ? (
        <SecretOnce what="API key" secret={make.data.secret} close={close} />
      ) : (
        <form onSubmit={submit} className={styles.form}>
          {make.error && <FaultNotice title="No key was made" fault={errorBody(make.error)} />}
          <TextField
            label="Name"
            required
            maxLength={80}
            hint="Where it is used, such as “laptop”"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
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
            <Button
              look="primary"
              type="submit"
              busy={make.isPending}
              disabled={name.trim() === ''}
            >
              Make the key
            </Button>
          </DialogFoot>
        </form>
      )}
    </Dialog>
  );
}
