'use client';
// The schedules of the project.
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { BoneBlock } from '../../ui/skeleton.tsx';
import { useSession } from '../session/session.tsx';
import { NewSchedule } from './new-schedule.tsx';
import { ScheduleItem } from './schedule-item.tsx';
import styles from './schedules.module.css';

export function SchedulesPage() {
  const trpc = useTRPC();
  const { project, can } = useSession();
  const [creating, setCreating] = useState(false);
  const schedules = useQuery(trpc.schedules.list.queryOptions({ projectId: project.id }));
  const items = schedules.data?.items ?? [];
  const create = can('member') && (
    <Button look="primary" onClick={() => setCreating(true)}>
      <Plus size={14} aria-hidden />
      New schedule
    </Button>
  );
  return (
    <Page title="Schedules" actions={items.length > 0 && create}>
      {schedules.isPending && (
        <>
          <BoneBlock height={88} label="Loading the schedules" />
          <BoneBlock height={88} />
        </>
      )}
      {schedules.error && (
        <FaultNotice
          title="The schedules could not be loaded"
          fault={errorBody(schedules.error)}
          retry={() => void schedules.refetch()}
        />
      )}
      {schedules.data && items.length === 0 && (
        <Empty title="No schedules yet" action={create}>
          A schedule launches an experiment again and again, say every night at 02:00 in your time
          zone. Its stages still come from the cache where nothing changed; profiles are measured
          anew.
        </Empty>
      )}
      {items.length > 0 && (
        <ul className={styles.list}>
          {items.map((schedule) => (
            <ScheduleItem key={schedule.id} schedule={schedule} />
          ))}
        </ul>
      )}
      {creating && <NewSchedule close={() => setCreating(false)} />}
    </Page>
  );
}
