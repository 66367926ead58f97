'use client';
// Invitation links of the project.
import type { InvitationView } from '@stillwatt/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link as LinkIcon } from 'lucide-react';
import { useTRPC, useTRPCClient } from '../../server/client.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { useSession } from '../session/session.tsx';
import { IssueDialog, type Lifetimes } from './issue-dialog.tsx';
import { Issued } from './issued.tsx';

const lifetimes: Lifetimes = [
  ['1', 'one day'],
  ['7', 'a week'],
  ['30', '30 days'],
];

const columns: readonly DataColumn<InvitationView>[] = [
  { title: 'Role', cell: (invitation) => invitation.role },
  { title: 'Made', cell: (invitation) => <RelativeTime at={invitation.createdAt} /> },
  { title: 'Expires', cell: (invitation) => <RelativeTime at={invitation.expiresAt} /> },
];

export function Invitations() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { project } = useSession();
  return (
    <Issued
      title="Invitation links"
      about="who opens one joins with its role"
      noun="link"
      icon={LinkIcon}
      none="No open links. Make one to bring somebody in."
      afterwards="Who opens it from now on is not let in. Who has joined stays."
      query={useQuery(trpc.invitations.list.queryOptions({ projectId: project.id }))}
      columns={columns}
      nameOf={(invitation) => `this link for a ${invitation.role}`}
      revoke={(invitationId) => client.invitations.revoke.mutate({ invitationId })}
      stale={trpc.invitations.list.pathFilter()}
      dialog={(close) => <MakeLink close={close} />}
    />
  );
}

function MakeLink({ close }: { close: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { project } = useSession();
  const make = useMutation(
    trpc.invitations.create.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.invitations.list.pathFilter()),
    }),
  );
  return (
    <IssueDialog
      title={`Invite to ${project.name}`}
      noun="link"
      what="invitation link"
      lifetimes={lifetimes}
      lifetime="7"
      secret={make.data?.url}
      error={make.error}
      busy={make.isPending}
      onMake={(chosen) => make.mutate({ projectId: project.id, ...chosen })}
      close={close}
    />
  );
}
