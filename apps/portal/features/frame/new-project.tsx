'use client';
// Creates a project in the organization of the open one, and opens it.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogFoot } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { useSession } from '../session/session.tsx';

export function NewProject({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { project, openProject } = useSession();
  const router = useRouter();
  const [name, setName] = useState('');
  const create = useMutation(
    trpc.projects.create.mutationOptions({
      onSuccess: async (created) => {
        await queries.invalidateQueries(trpc.me.get.pathFilter());
        openProject(created.id);
        router.push('/runs');
        setName('');
        onOpenChange(false);
      },
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ organizationId: project.organization.id, name: name.trim() });
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New project"
      about={`In ${project.organization.name}. Runs, cache and members are kept per project.`}
    >
      <form onSubmit={submit}>
        <TextField
          label="Name"
          required
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={create.error && errorBody(create.error).message}
        />
        <br />
        <DialogFoot>
          <Button look="primary" type="submit" busy={create.isPending}>
            Create project
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
