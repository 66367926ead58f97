'use client';
// Fields of one spec path each: the text typed stays as typed, the file gets its value.
import { useState } from 'react';
import { Select, TextField } from '../../ui/field.tsx';
import styles from './launch.module.css';
import { type FormProps, issueAt, listOf, numberText, valueAt } from './prepare.ts';

interface FieldProps extends FormProps {
  label: string;
  /** Dotted. */
  path: string;
  hint?: string;
}

export function WordField({
  fallback,
  wide,
  ...props
}: FieldProps & { fallback?: string; wide?: boolean }) {
  const { draft, patch, label, path, hint } = props;
  return (
    <div className={wide ? styles.wide : undefined}>
      <TextField
        label={label}
        hint={hint}
        spellCheck={false}
        placeholder={fallback}
        value={textOf(valueAt(draft.value, path.split('.')))}
        error={issueAt(draft.issues, path)}
        onChange={(event) =>
          patch(path.split('.'), event.target.value === '' ? undefined : event.target.value)
        }
      />
    </div>
  );
}

export function NumberField({ fallback, ...props }: FieldProps & { fallback: number | null }) {
  const { draft, patch, label, path, hint } = props;
  const value = valueAt(draft.value, path.split('.'));
  const [typed, setTyped] = useTyped(textOf(value), (text) =>
    text.trim() === '' ? '' : numberText(Number(text)),
  );
  return (
    <TextField
      label={label}
      hint={hint}
      inputMode="decimal"
      placeholder={fallback === null ? undefined : numberText(fallback)}
      value={typed}
      error={issueAt(draft.issues, path)}
      onChange={(event) => {
        const text = event.target.value;
        setTyped(text);
        const number = Number(text);
        patch(
          path.split('.'),
          text.trim() === '' ? undefined : Number.isNaN(number) ? text : number,
        );
      }}
    />
  );
}

export function ListField({ fallback, ...props }: FieldProps & { fallback: string }) {
  const { draft, patch, label, path, hint } = props;
  const keys = path.split('.');
  const value = valueAt(draft.value, keys);
  const shown = Array.isArray(value) ? value.map(String).join(', ') : textOf(value);
  const [typed, setTyped] = useTyped(shown, (text) => listOf(text).join(', '));
  return (
    <TextField
      label={label}
      hint={hint}
      placeholder={fallback}
      value={typed}
      error={issueAt(draft.issues, path)}
      onChange={(event) => {
        setTyped(event.target.value);
        const list = listOf(event.target.value);
        patch(keys, list.length === 0 ? undefined : list);
      }}
    />
  );
}

export function SelectField({
  options,
  fallback,
  ...props
}: FieldProps & { options: readonly string[]; fallback: string }) {
  const { draft, patch, label, path, hint } = props;
  const value = textOf(valueAt(draft.value, path.split('.'))) || fallback;
  const known = options.includes(value) ? options : [value, ...options];
  return (
    <Select
      label={label}
      hint={hint}
      value={value}
      options={known.map((option) => [option, option] as const)}
      error={issueAt(draft.issues, path)}
      onChange={(event) => patch(path.split('.'), event.target.value)}
    />
  );
}

/** Keeps what was typed (`0.`, `1,`) while it means what the file says, and follows the file otherwise. */
export function useTyped(
  value: string,
  meaning: (typed: string) => string,
): [string, (typed: string) => void] {
  const [typed, setTyped] = useState(value);
  return [meaning(typed) === value ? typed : value, setTyped];
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'string' ? value : '';
}
