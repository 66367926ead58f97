'use client';
// The members of the project and their roles.
import { type MemberView, type Role, roles } from '@stillwatt/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { UserMinus } from 'lucide-react';
import { useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { BareSelect } from '../../ui/field.tsx';
import { FaultNotice } from '../../ui/notice.tsx';
import { Section } from '../../ui/page.tsx';
import { BoneRows } from '../../ui/skeleton.tsx';
import table from '../../ui/table.module.css';
import { RelativeTime } from '../../ui/time.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useSession } from '../session/session.tsx';
import { roleWords } from './roles.ts';
import styles from './settings.module.css';

export function Members() {
  const trpc = useTRPC();
  const { project } = useSession();
  const members = useQuery(trpc.members.list.queryOptions({ projectId: project.id }));
  return (
    <Section title="Members" about={`of ${project.name} in ${project.organization.name}`}>
      {members.isPending && <BoneRows rows={2} widths={[140, 180, 120]} />}
      {members.error && (
        <FaultNotice
          title="The members could not be loaded"
          fault={errorBody(members.error)}
          retry={() => void members.refetch()}
        />
      )}
      {members.data && (
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className={table.minor}>
                E-mail
              </th>
              <th scope="col">Role</th>
              <th scope="col" className={table.minor}>
                Since
              </th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {members.data.items.map((member) => (
              <MemberLine key={member.person.id} member={member} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function MemberLine({ member }: { member: MemberView }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useToast();
  const { project, person, can } = useSession();
  const [asking, setAsking] = useState(false);
  const { name, email, id } = member.person;
  const options = (done: string) => ({
    onSuccess: () => say(done),
    onError: (error: unknown) => say(`${name} was not changed`, errorBody(error)),
    onSettled: () => {
      setAsking(false);
      void queries.invalidateQueries(trpc.members.list.pathFilter());
      // One's own role may have changed.
      void queries.invalidateQueries(trpc.me.get.pathFilter());
    },
  });
  const setRole = useMutation(
    trpc.members.setRole.mutationOptions(options(`The role of ${name} is changed`)),
  );
  const remove = useMutation(
    trpc.members.remove.mutationOptions(options(`${name} is no member any more`)),
  );
  return (
    <tr>
      <td>
        <span className={styles.strong}>{name}</span>
        {id === person?.id && <span className={table.quiet}> (you)</span>}
      </td>
      <td className={table.minor}>{email}</td>
      <td className={styles.role}>
        {can('owner') ? (
          <BareSelect
            small
            options={roles.map((role) => [role, role] as const)}
            aria-label={`Role of ${name}`}
            value={member.role}
            disabled={setRole.isPending}
            onChange={(event) =>
              setRole.mutate({
                projectId: project.id,
                userId: id,
                role: event.target.value as Role,
              })
            }
          />
        ) : (
          <span title={roleWords[member.role]}>{member.role}</span>
        )}
      </td>
      <td className={table.minor}>
        <RelativeTime at={member.since} />
      </td>
      <td className={table.actions}>
        {can('owner') && id !== person?.id && (
          <IconButton small label={`Remove ${name}`} onClick={() => setAsking(true)}>
            <UserMinus size={14} aria-hidden />
          </IconButton>
        )}
        <Confirm
          open={asking}
          onOpenChange={setAsking}
          title={`Remove ${name} from ${project.name}?`}
          about="Their runs and comments stay. They see nothing of this project any more."
          action={`Remove ${name}`}
          busy={remove.isPending}
          onConfirm={() => remove.mutate({ projectId: project.id, userId: id })}
        />
      </td>
    </tr>
  );
}
