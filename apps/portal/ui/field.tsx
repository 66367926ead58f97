'use client';
// Form fields: label above, hint below, the error beside the field it belongs to.
import { ChevronDown, CircleAlert } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from './cx.ts';
import styles from './field.module.css';

interface Frame {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
}

function Framed({
  label,
  hint,
  error,
  inline = false,
  id,
  children,
}: Frame & { inline?: boolean; id: string; children: ReactNode }) {
  return (
    <div className={cx(styles.field, inline && styles.inline)}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children}
      {error ? (
        <p className={styles.error} id={`${id}-note`}>
          <CircleAlert size={12} aria-hidden />
          {error}
        </p>
      ) : (
        hint !== undefined && (
          <p className={styles.hint} id={`${id}-note`}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

function useNote({ hint, error }: Frame, id: string) {
  return {
    id,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': error || hint !== undefined ? `${id}-note` : undefined,
  };
}

export function TextField({
  label,
  hint,
  error,
  className,
  ...rest
}: Frame & ComponentProps<'input'>) {
  const id = useId();
  const note = useNote({ label, hint, error }, id);
  return (
    <Framed label={label} hint={hint} error={error} id={id}>
      <input {...rest} {...note} className={cx(styles.input, className)} />
    </Framed>
  );
}

export function TextArea({ label, hint, error, ...rest }: Frame & ComponentProps<'textarea'>) {
  const id = useId();
  const note = useNote({ label, hint, error }, id);
  return (
    <Framed label={label} hint={hint} error={error} id={id}>
      <textarea {...rest} {...note} className={styles.input} />
    </Framed>
  );
}

type Options = readonly (readonly [value: string, text: string])[];

export function Select({
  label,
  hint,
  error,
  inline = false,
  ...rest
}: Frame & {
  /** The label stands beside the field. */
  inline?: boolean;
  options: Options;
} & ComponentProps<'select'>) {
  const id = useId();
  const note = useNote({ label, hint, error }, id);
  return (
    <Framed label={label} hint={hint} error={error} inline={inline} id={id}>
      <BareSelect {...rest} {...note} />
    </Framed>
  );
}

/** A select alone, for cells of tables: it needs an `aria-label`. */
export function BareSelect({
  options,
  small = false,
  ...rest
}: { options: Options; small?: boolean } & ComponentProps<'select'>) {
  return (
    <span className={cx(styles.selectBox, small && styles.small)}>
      <select {...rest} className={cx(styles.input, styles.select)}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden />
    </span>
  );
}

export function Check({
  label,
  ...rest
}: { label: ReactNode } & Omit<ComponentProps<'input'>, 'type'>) {
  return (
    <label className={styles.check}>
      <input type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  );
}

/** One of a few, all visible. */
export function Segments<T extends string>({
  label,
  hideLabel = false,
  inline = false,
  value,
  options,
  onChange,
  error,
}: {
  label: string;
  hideLabel?: boolean;
  inline?: boolean;
  value: T | null;
  options: readonly (readonly [value: T, text: ReactNode])[];
  onChange: (value: T) => void;
  error?: string | null | undefined;
}) {
  const id = useId();
  return (
    <div
      className={cx(styles.field, inline && styles.inline)}
      role="radiogroup"
      aria-labelledby={`${id}-label`}
    >
      <span id={`${id}-label`} className={hideLabel ? 'visually-hidden' : styles.label}>
        {label}
      </span>
      <div className={styles.segments}>
        {options.map(([option, text]) => (
          <label key={option} className={styles.segment}>
            <input
              type="radio"
              name={id}
              checked={option === value}
              onChange={() => onChange(option)}
            />
            {text}
          </label>
        ))}
      </div>
      {error && (
        <p className={styles.error}>
          <CircleAlert size={12} aria-hidden />
          {error}
        </p>
      )}
    </div>
  );
}
