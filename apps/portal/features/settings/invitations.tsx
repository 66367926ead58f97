'use client';
// Invitation links of the project.
import type { Role } from '@stillwatt/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link as LinkIcon } from 'lucide-react';
import { useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogFoot } from '../../ui/dialog.tsx';
import { Select } from '../../ui/field.tsx';
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
  ['1', 'one day'],
  ['7', 'a week'],
  ['30', '30 days'],
] as const;

export function Invitations() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useToast();
  const { project } = useSession();
  const [making, setMaking] = useState(false);
  const invitations = useQuery(trpc.invitations.list.queryOptions({ projectId: project.id }));
  const revoke = useMutation(
    trpc.invitations.revoke.mutationOptions({
      onSuccess: () => say('The link is revoked'),
      onError: (error) => say('The link was not revoked', errorBody(error)),
      onSettled: () => queries.invalidateQueries(trpc.invitations.list.pathFilter()),
    }),
  );
  const items = invitations.data?.items ?? [];
  return (
    <Section
      title="Invitation links"
      about="who opens one joins with its role"
      actions={
        <Button small onClick={() => setMaking(true)}>
          <LinkIcon size={14} aria-hidden />
          Make a link
        </Button>
      }
    >
      {invitations.isPending && <BoneRows rows={1} widths={[80, 120, 120]} />}
      {invitations.error && (
        <FaultNotice
          title="The links could not be loaded"
          fault={errorBody(invitations.error)}
          retry={() => void invitations.refetch()}
        />
      )}
      {invitations.data && items.length === 0 && (
        <p className={styles.none}>No open links. Make one to bring somebody in.</p>
      )}
      {items.length > 0 && (
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Role</th>
              <th scope="col">Made</th>
              <th scope="col">Expires</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((invitation) => (
              <tr key={invitation.id}>
                <td>{invitation.role}</td>
                <td>
                  <RelativeTime at={invitation.createdAt} />
                </td>
                <td>
                  <RelativeTime at={invitation.expiresAt} />
                </td>
                <td className={table.actions}>
                  <Button
                    small
                    look="danger"
                    disabled={revoke.isPending}
                    onClick={() => revoke.mutate({ invitationId: invitation.id })}
                  >
                    Revoke
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {making && <MakeLink close={() => setMaking(false)} />}
    </Section>
  );
}

function MakeLink({ close }: { close: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { project } = useSession();
  const [role, setRole] = useState<Role>('member');
  const [days, setDays] = useState('7');
  const make = useMutation(
    trpc.invitations.create.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.invitations.list.pathFilter()),
    }),
  );
  return (
    <Dialog open onOpenChange={(open) => !open && close()} title={`Invite to ${project.name}`}>
      {make.data ? (
        <SecretOnce what="invitation link" secret={make.data.url} close={close} />
      ) : (
        <>
          {make.error && <FaultNotice title="No link was made" fault={errorBody(make.error)} />}
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
              busy={make.isPending}
              onClick={() => make.mutate({ projectId: project.id, role, days: Number(days) })}
            >
              Make the link
            </Button>
          </DialogFoot>
        </>
      )}
    </Dialog>
  );
}
