'use client';
// Copies a text and says so.
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from './button.tsx';

export function CopyButton({
  text,
  label,
  what,
}: {
  text: string;
  /** Shown beside the icon; without it the button is an icon alone. */
  label?: string;
  what: string;
}) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  const icon = copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />;
  const name = copied ? 'Copied' : `Copy ${what}`;
  if (label === undefined) {
    return (
      <IconButton small label={name} onClick={copy}>
        {icon}
      </IconButton>
    );
  }
  return (
    <Button small onClick={copy} title={name}>
      {icon}
      <span aria-live="polite">{copied ? 'Copied' : label}</span>
    </Button>
  );
}
