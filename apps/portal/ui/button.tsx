// Buttons: one primary per view, plain beside it, quiet in tool bars, danger for what cannot be undone.
import { LoaderCircle } from 'lucide-react';
import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import styles from './button.module.css';
import { cx } from './cx.ts';
import spin from './spin.module.css';
import { Tip } from './tip.tsx';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

interface Shared {
  look?: Look;
  small?: boolean;
}

export function Button({
  look = 'plain',
  small = false,
  busy = false,
  children,
  className,
  disabled,
  ...rest
}: Shared & { busy?: boolean } & ComponentProps<'button'>) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      className={cx(styles.button, styles[look], small && styles.small, className)}
    >
      {busy && <LoaderCircle size={14} className={spin.spin} aria-hidden />}
      {children}
    </button>
  );
}

/** A link that looks like a button: it goes somewhere. */
export function ButtonLink({
  look = 'plain',
  small = false,
  className,
  ...rest
}: Shared & ComponentProps<typeof Link>) {
  return (
    <Link {...rest} className={cx(styles.button, styles[look], small && styles.small, className)} />
  );
}

/** A button of one icon; its label is the tooltip and the accessible name. */
export function IconButton({
  label,
  look = 'quiet',
  small = false,
  children,
  className,
  ...rest
}: Shared & { label: string; children: ReactNode } & ComponentProps<'button'>) {
  return (
    <Tip text={label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={cx(styles.button, styles[look], styles.icon, small && styles.small, className)}
      >
        {children}
      </button>
    </Tip>
  );
}
