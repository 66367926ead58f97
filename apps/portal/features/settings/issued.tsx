'use client';
// What owners hand out and may take back (keys, links): the list, revoking, and the place to make one.
import {
  type QueryFilters,
  useMutation,
  type UseQueryResult,
  useQueryClient,
} from '@tanstack/react-query';
import type { LucideIcon } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { errorBody } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { type DataColumn, DataTable } from '../../ui/data-table.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { FaultNotice } from '../../ui/notice.tsx';
import { Section } from '../../ui/page.tsx';
import { BoneRows } from '../../ui/skeleton.tsx';
import { useToast } from '../../ui/toast.tsx';
import styles from './settings.module.css';

interface Props<T> {
  title: string;
  about: string;
  /** One of them: “key”. */
  noun: string;
  icon: LucideIcon;
  /** What is said while there is none. */
  none: string;
  /** What revoking one does. */
  afterwards: string;
  query: UseQueryResult<{ items: T[] }, unknown>;
  columns: readonly DataColumn<T>[];
  nameOf: (item: T) => string;
  revoke: (id: string) => Promise<unknown>;
  /** What is stale after a revocation. */
  stale: QueryFilters;
  /** The form that makes one. */
  dialog: (close: () => void) => ReactNode;
}

export function Issued<T extends { id: string }>(props: Props<T>) {
  const { title, about, noun, icon: Icon, none, query, dialog } = props;
  const [making, setMaking] = useState(false);
  const items = query.data?.items ?? [];
  return (
    <Section
      title={title}
      about={about}
      actions={
        <Button small onClick={() => setMaking(true)}>
          <Icon size={14} aria-hidden />
          Make a {noun}
        </Button>
      }
    >
      {query.isPending && <BoneRows rows={1} widths={[120, 80, 120, 120]} />}
      {query.error !== null && (
        <FaultNotice
          title={`The ${noun}s could not be loaded`}
          fault={errorBody(query.error)}
          retry={() => void query.refetch()}
        />
      )}
      {query.data && items.length === 0 && <p className={styles.none}>{none}</p>}
      {items.length > 0 && <IssuedTable {...props} items={items} />}
      {making && dialog(() => setMaking(false))}
    </Section>
  );
}

function IssuedTable<T extends { id: string }>(props: Props<T> & { items: T[] }) {
  const { title, noun, columns, items, afterwards, nameOf, stale } = props;
  const queries = useQueryClient();
  const say = useToast();
  const [asked, setAsked] = useState<T | null>(null);
  const revoke = useMutation({
    mutationFn: (item: T) => props.revoke(item.id),
    onSuccess: () => say(`The ${noun} is revoked`),
    onError: (error) => say(`The ${noun} was not revoked`, errorBody(error)),
    onSettled: () => {
      setAsked(null);
      return queries.invalidateQueries(stale);
    },
  });
  const revoking: DataColumn<T> = {
    title: 'Actions',
    untitled: true,
    kind: 'actions',
    cell: (item) => (
      <Button small look="danger" onClick={() => setAsked(item)}>
        Revoke
      </Button>
    ),
  };
  return (
    <>
      <DataTable
        label={title}
        columns={[...columns, revoking]}
        rows={items}
        keyOf={({ id }) => id}
      />
      <Confirm
        open={asked !== null}
        onOpenChange={(open) => !open && setAsked(null)}
        title={asked ? `Revoke ${nameOf(asked)}?` : ''}
        about={afterwards}
        action={`Revoke the ${noun}`}
        busy={revoke.isPending}
        onConfirm={() => asked && revoke.mutate(asked)}
      />
    </>
  );
}
