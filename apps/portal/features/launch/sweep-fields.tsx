'use client';
// The axes of a sweep: a spec path and its values each.
import { specPaths } from '@stillwatt/contracts';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { Select, TextField } from '../../ui/field.tsx';
import { NumberField, useTyped } from './form-fields.tsx';
import styles from './launch.module.css';
import { axisToRemove, type Draft, type FormProps, issueAt, listOf, valueAt } from './prepare.ts';

/** Paths whose value is text for people, or has its own key. */
const notSwept = ['experiment', 'description', 'seed'];
const sweptPaths = specPaths().filter((path) => !notSwept.includes(path));

export function SweepFields({ draft, patch }: FormProps) {
  const over = valueAt(draft.value, ['sweep', 'over']);
  const axes =
    typeof over === 'object' && over !== null
      ? Object.entries(over as Record<string, unknown>)
      : [];
  const free = sweptPaths.filter((path) => !axes.some(([one]) => one === path));
  const [adding, setAdding] = useState('student.layers');
  const chosen = free.includes(adding) ? adding : (free[0] ?? '');
  return (
    <>
      {axes.map(([path, values]) => (
        <Axis key={path} path={path} values={values} draft={draft} patch={patch} />
      ))}
      <div className={styles.addAxis}>
        <Select
          label="Try several values of"
          value={chosen}
          options={free.map((path) => [path, path] as const)}
          onChange={(event) => setAdding(event.target.value)}
        />
        <Button onClick={() => patch(['sweep', 'over', chosen], startValues(draft, chosen))}>
          <Plus size={14} aria-hidden />
          Add axis
        </Button>
      </div>
      {axes.length > 0 && (
        <NumberField
          draft={draft}
          patch={patch}
          label="Runs at a time"
          path="sweep.parallel"
          fallback={2}
        />
      )}
    </>
  );
}

/** An axis begins with the value the file has now. */
function startValues(draft: Draft, path: string): unknown[] {
  const value = valueAt(draft.spec ?? draft.value, path.split('.'));
  return ['string', 'number', 'boolean'].includes(typeof value) ? [value] : [1];
}

function Axis({ path, values, draft, patch }: FormProps & { path: string; values: unknown }) {
  const keys = ['sweep', 'over', path];
  const listed = Array.isArray(values);
  const [typed, setTyped] = useTyped(listed ? values.map(String).join(', ') : '', (text) =>
    listOf(text).join(', '),
  );
  return (
    <div className={styles.axis}>
      <TextField
        label={path}
        value={listed ? typed : JSON.stringify(values)}
        readOnly={!listed}
        hint={listed ? undefined : 'A range: change it in the file'}
        error={issueAt(draft.issues, `sweep.over.${path}`)}
        onChange={(event) => {
          setTyped(event.target.value);
          patch(keys, listOf(event.target.value));
        }}
      />
      <IconButton
        label={`Remove the axis ${path}`}
        onClick={() => patch(axisToRemove(draft.value, path), undefined)}
      >
        <Trash2 size={14} aria-hidden />
      </IconButton>
    </div>
  );
}
