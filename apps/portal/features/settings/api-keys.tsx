'use client';
// API keys of the project, for the command line and programs.
import type { ApiKeyView } from '@stillwatt/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useTRPC, useTRPCClient } from '../../server/client.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { TextField } from '../../ui/field.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { useSession } from '../session/session.tsx';
import { IssueDialog, type Lifetimes } from './issue-dialog.tsx';
import { Issued } from './issued.tsx';
import styles from './settings.module.css';

const lifetimes: Lifetimes = [
  ['30', '30 days'],
  ['365', 'a year'],
  ['', 'until revoked'],
];

const columns: readonly DataColumn<ApiKeyView>[] = [
  { title: 'Name', cell: (key) => <span className={styles.strong}>{key.name}</span> },
  { title: 'Role', cell: (key) => key.role },
  {
    title: 'Last used',
    minor: true,
    cell: (key) => (key.lastUsedAt === null ? 'never' : <RelativeTime at={key.lastUsedAt} />),
  },
  {
    title: 'Expires',
    minor: true,
    cell: (key) => (key.expiresAt === null ? 'when revoked' : <RelativeTime at={key.expiresAt} />),
  },
];

export function ApiKeys() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { project } = useSession();
  return (
    <Issued
      title="API keys"
      about="for the command line and programs"
      noun="key"
      icon={KeyRound}
      none="No keys. The command line and the public API ask for one; each may do what its role may, and never more than the person who made it."
      afterwards="What uses it is refused from now on. It cannot be taken back."
      query={useQuery(trpc.apiKeys.list.queryOptions({ projectId: project.id }))}
      columns={columns}
      nameOf={(key) => `the key “${key.name}”`}
      revoke={(apiKeyId) => client.apiKeys.revoke.mutate({ apiKeyId })}
      stale={trpc.apiKeys.list.pathFilter()}
      dialog={(close) => <MakeKey close={close} />}
    />
  );
}

function MakeKey({ close }: { close: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { project } = useSession();
  const [name, setName] = useState('');
  const make = useMutation(
    trpc.apiKeys.create.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.apiKeys.list.pathFilter()),
    }),
  );
  return (
    <IssueDialog
      title="New API key"
      noun="key"
      what="API key"
      lifetimes={lifetimes}
      lifetime="365"
      secret={make.data?.secret}
      error={make.error}
      busy={make.isPending}
      ready={name.trim() !== ''}
      onMake={(chosen) => make.mutate({ projectId: project.id, name: name.trim(), ...chosen })}
      close={close}
    >
      <TextField
        label="Name"
        required
        maxLength={80}
        hint="Where it is used, such as “laptop”"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
    </IssueDialog>
  );
}
