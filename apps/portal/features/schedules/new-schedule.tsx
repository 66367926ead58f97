'use client';
// A new schedule: when, in which time zone, what if the last one still runs, and what it launches.
import type { ScheduleView } from '@stillwatt/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { type FormEvent, useMemo, useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogFoot } from '../../ui/dialog.tsx';
import { Select, TextField } from '../../ui/field.tsx';
import { formatAbsolute } from '../../ui/format.ts';
import { FaultNotice } from '../../ui/notice.tsx';
import { Bone } from '../../ui/skeleton.tsx';
import { useToast } from '../../ui/toast.tsx';
import { demoSpec } from '../launch/demo-spec.ts';
import { readDraft } from '../launch/prepare.ts';
import { useSession } from '../session/session.tsx';
import { launches, nextFirings, overlapWords, readCron, rhythms, timeZones } from './prepare.ts';
import styles from './schedules.module.css';

const YamlEditor = dynamic(() => import('../../ui/code/yaml-editor.tsx'), {
  ssr: false,
  loading: () => <Bone height={220} />,
});

const overlaps = Object.entries(overlapWords) as [ScheduleView['overlap'], string][];

export function NewSchedule({ close }: { close: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useToast();
  const { project } = useSession();
  const [name, setName] = useState('Nightly');
  const [cron, setCron] = useState('0 2 * * *');
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [timeZone, setTimeZone] = useState(own);
  const [overlap, setOverlap] = useState<ScheduleView['overlap']>('skip');
  const [text, setText] = useState(demoSpec);
  const draft = useMemo(() => readDraft(text), [text]);
  const read = useMemo(() => readCron(cron), [cron]);
  const firings = useMemo(() => nextFirings(read, timeZone, new Date(), 3), [read, timeZone]);
  const create = useMutation(
    trpc.schedules.create.mutationOptions({
      onSuccess: async (made) => {
        await queries.invalidateQueries(trpc.schedules.list.pathFilter());
        say(`${made.name} is scheduled`);
        close();
      },
    }),
  );
  const [first] = draft.issues;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({
      projectId: project.id,
      name: name.trim(),
      cron: cron.trim(),
      timeZone,
      overlap,
      spec: text,
    });
  };
  return (
    <Dialog open onOpenChange={(open) => !open && close()} title="New schedule" wide>
      <form onSubmit={submit} className={styles.form}>
        {create.error && (
          <FaultNotice title="Nothing was scheduled" fault={errorBody(create.error)} />
        )}
        <div className={styles.fields}>
          <TextField
            label="Name"
            required
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Select
            label="Rhythm"
            value={rhythms.some(([one]) => one === cron) ? cron : ''}
            options={[...rhythms, ['', 'As written beside']]}
            onChange={(event) => event.target.value !== '' && setCron(event.target.value)}
          />
          <TextField
            label="Cron"
            spellCheck={false}
            value={cron}
            onChange={(event) => setCron(event.target.value)}
            hint="minute hour day month weekday"
            error={read.ok ? null : read.reason}
          />
          <Select
            label="Time zone"
            value={timeZone}
            options={timeZones(own).map((zone) => [zone, zone] as const)}
            onChange={(event) => setTimeZone(event.target.value)}
          />
          <Select
            label="If the last one still runs"
            value={overlap}
            options={overlaps}
            onChange={(event) => setOverlap(event.target.value as ScheduleView['overlap'])}
          />
          <div className={styles.next} aria-live="polite">
            <span className={styles.nextLabel}>Next</span>
            {firings.length === 0 ? (
              <p>never</p>
            ) : (
              firings.map((at) => (
                <p key={at.getTime()}>{formatAbsolute(at, timeZone).replace(/:00(?= )/, '')}</p>
              ))
            )}
          </div>
        </div>
        <div className={styles.editor}>
          <YamlEditor
            value={text}
            issues={draft.issues}
            label="Experiment file, YAML"
            onChange={setText}
          />
        </div>
        <p className={first ? styles.wrong : styles.quiet} aria-live="polite">
          {first
            ? `${first.path} ${first.reason}: ${first.fix}`
            : draft.spec && `Each time: ${launches(draft.spec)} of ${draft.spec.experiment}.`}
        </p>
        <DialogFoot>
          <Button onClick={close}>Close</Button>
          <Button
            look="primary"
            type="submit"
            busy={create.isPending}
            disabled={!read.ok || firings.length === 0 || draft.spec === null || name.trim() === ''}
          >
            Create schedule
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
