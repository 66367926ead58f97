'use client';
// Launch: the form and the file side by side, always in step, and what pressing the button will do.
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useSearchParams } from 'next/navigation';
import { useMemo, useState } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { Segments } from '../../ui/field.tsx';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { Bone } from '../../ui/skeleton.tsx';
import { useSmall } from '../../ui/use-small.ts';
import { useSession } from '../session/session.tsx';
import { demoSpec } from './demo-spec.ts';
import { LaunchFooter } from './launch-footer.tsx';
import styles from './launch.module.css';
import { patchDraft, readDraft, specAsDraft } from './prepare.ts';
import { SpecForm } from './spec-form.tsx';

const YamlEditor = dynamic(() => import('../../ui/code/yaml-editor.tsx'), {
  ssr: false,
  loading: () => <Bone height="100%" />,
});

export function LaunchPage() {
  const trpc = useTRPC();
  const { can } = useSession();
  const from = useSearchParams().get('from');
  const source = useQuery(
    trpc.runs.get.queryOptions({ runId: from ?? '' }, { enabled: from !== null }),
  );
  const [written, setText] = useState<string | null>(null);
  const small = useSmall();
  const [side, setSide] = useState<'form' | 'file'>('form');
  const copied = source.data?.spec;
  const lost = from !== null && !copied && source.error !== null;
  const start = copied ? specAsDraft(copied) : from === null || lost ? demoSpec : null;
  const text = written ?? start;
  const draft = useMemo(() => readDraft(text ?? ''), [text]);
  if (!can('member')) {
    return (
      <Empty page title="You may look, not launch">
        As viewer you see runs and comment on them. An owner of the project can make you a member,
        in its settings.
      </Empty>
    );
  }
  if (text === null) return <Bone height="60vh" />;
  return (
    <div className={styles.page}>
      <h1 className="visually-hidden">Launch an experiment</h1>
      {lost && (
        <FaultNotice
          amber
          title="The run could not be copied: this is the demo"
          fault={errorBody(source.error)}
          retry={() => void source.refetch()}
        />
      )}
      {small && (
        <div className={styles.sides}>
          <Segments
            label="Side"
            hideLabel
            value={side}
            onChange={setSide}
            options={[
              ['form', 'Form'],
              ['file', 'File'],
            ]}
          />
        </div>
      )}
      <div className={styles.halves}>
        {(!small || side === 'form') && (
          <SpecForm draft={draft} patch={(path, value) => setText(patchDraft(text, path, value))} />
        )}
        {(!small || side === 'file') && (
          <section className={styles.file} aria-label="Experiment file">
            <YamlEditor
              value={text}
              issues={draft.issues}
              label="Experiment file, YAML"
              onChange={setText}
            />
          </section>
        )}
      </div>
      <LaunchFooter draft={draft} />
    </div>
  );
}
