'use client';
// Moving, selecting and opening rows of a grid by keyboard and pointer.
import { type KeyboardEvent, type MouseEvent, useRef, useState } from 'react';
import { select } from './prepare.ts';

export function useRowKeys({
  ids,
  chosen,
  setChosen,
  open,
  reveal,
}: {
  ids: string[];
  chosen: ReadonlySet<string>;
  setChosen: (chosen: ReadonlySet<string>) => void;
  open: (id: string) => void;
  reveal: (index: number) => void;
}) {
  const [activeId, setActiveId] = useState<string | null>(null);
  const anchor = useRef<string | null>(null);

  const choose = (id: string, range: boolean) => {
    setChosen(select(ids, chosen, id, anchor.current, range));
    anchor.current = id;
  };
  const moveTo = (index: number, extend: boolean) => {
    const id = ids[Math.max(0, Math.min(ids.length - 1, index))];
    if (id === undefined) return;
    if (extend) {
      anchor.current ??= activeId;
      setChosen(select(ids, chosen, id, anchor.current, true));
    }
    setActiveId(id);
    reveal(ids.indexOf(id));
  };
  const steps: Record<string, (at: number) => number> = {
    ArrowDown: (at) => at + 1,
    ArrowUp: (at) => (at < 0 ? 0 : at - 1),
    PageDown: (at) => at + 15,
    PageUp: (at) => at - 15,
    Home: () => 0,
    End: () => ids.length - 1,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Buttons of the head keep their own keys.
    if (event.target !== event.currentTarget) return;
    const step = steps[event.key];
    if (step) {
      event.preventDefault();
      moveTo(step(activeId === null ? -1 : ids.indexOf(activeId)), event.shiftKey);
    } else if (event.key === ' ' && activeId !== null) {
      event.preventDefault();
      choose(activeId, event.shiftKey);
    } else if (event.key === 'Enter' && activeId !== null) {
      open(activeId);
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      setChosen(new Set(ids));
    } else if (event.key === 'Escape') {
      setChosen(new Set());
    }
  };
  return {
    activeId,
    onKeyDown,
    onFocus: (event: { target: unknown; currentTarget: unknown }) => {
      if (event.target === event.currentTarget && activeId === null) setActiveId(ids[0] ?? null);
    },
    /** A click on the row selects, as files do: the name is the link. */
    onClick: (event: MouseEvent, id: string) => {
      setActiveId(id);
      if (event.target instanceof Element && event.target.closest('a, button')) return;
      if (event.shiftKey || event.ctrlKey || event.metaKey) choose(id, event.shiftKey);
      else open(id);
    },
    onToggle: (event: MouseEvent, id: string) => {
      event.stopPropagation();
      setActiveId(id);
      choose(id, event.shiftKey);
    },
  };
}
