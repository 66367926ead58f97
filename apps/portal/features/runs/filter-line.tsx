'use client';
// The filter line: search, and a chip for each state.
import { runStates } from '@stillwatt/contracts';
import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { IconButton } from '../../ui/button.tsx';
import { formatCount } from '../../ui/format.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import styles from './runs.module.css';
import type { Filter, SetFilter } from './use-filter.ts';

/** Long enough not to ask for each letter, short enough to feel at once. */
const typingPauseMs = 200;

export function FilterLine({
  filter,
  setFilter,
  shown,
  more,
}: {
  filter: Filter;
  setFilter: SetFilter;
  shown: number;
  more: boolean;
}) {
  const input = useRef<HTMLInputElement>(null);
  // What is being typed and not yet in the URL.
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? filter.search;
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => {
      void setFilter({ search: typed || null });
      setTyped(null);
    }, typingPauseMs);
    return () => clearTimeout(timer);
  }, [typed, setFilter]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement &&
        event.target.matches('input, textarea, [contenteditable]');
      if (event.key !== '/' || typing) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <div className={styles.filterLine} role="search">
      <div className={styles.search}>
        <Search size={14} aria-hidden />
        <input
          ref={input}
          type="search"
          aria-label="Search runs by experiment, swept value, task or id"
          placeholder="Experiment, swept value, task or id"
          value={text}
          onChange={(event) => setTyped(event.target.value)}
        />
        {text !== '' && (
          <IconButton small label="Clear the search" onClick={() => setTyped('')}>
            <X size={14} aria-hidden />
          </IconButton>
        )}
      </div>
      <div className={styles.chips} role="group" aria-label="State">
        {runStates.map((state) => (
          <button
            key={state}
            type="button"
            className={styles.chip}
            aria-pressed={filter.state === state}
            onClick={() => void setFilter({ state: filter.state === state ? null : state })}
          >
            <StateMark state={state} />
          </button>
        ))}
      </div>
      <span className={styles.count} aria-live="polite">
        {shown > 0 && `${formatCount(shown)}${more ? '+' : ''} ${shown === 1 ? 'run' : 'runs'}`}
      </span>
    </div>
  );
}
