'use client';
// The command palette: places, commands and runs, by a few letters.
import { useQuery } from '@tanstack/react-query';
import { FlaskConical, Moon, Search, Sun } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useRef, useState } from 'react';
import { useTRPC } from '../../server/client.tsx';
import overlay from '../../ui/overlay.module.css';
import { setTheme, useDark } from '../../ui/theme.ts';
import { runName } from '../runs/prepare.ts';
import { useSession } from '../session/session.tsx';
import { launch, places } from './nav.ts';
import styles from './palette.module.css';
import { type Command, matching, noneText } from './palette-prepare.ts';

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function Palette({ open, onOpenChange }: Props) {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      onOpenChange(!open);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [open, onOpenChange]);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={overlay.scrim} />
        <Dialog.Content className={styles.panel} aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">Search and commands</Dialog.Title>
          <PaletteBody close={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteBody({ close }: { close: () => void }) {
  const id = useId();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const { commands, looking } = useCommands(query);
  const chosen = Math.min(at, commands.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    close();
    command.act();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && commands.length > 0) {
      event.preventDefault();
      setAt((chosen + step + commands.length) % commands.length);
    }
    if (event.key === 'Enter') run(commands[chosen]);
  };
  return (
    <>
      <div className={styles.line}>
        <Search size={16} aria-hidden />
        <input
          className={styles.input}
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={commands.length > 0 ? `${id}-${chosen}` : undefined}
          aria-label="Search runs, pages and commands"
          placeholder="Search runs, pages and commands"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
      </div>
      {commands.length === 0 && <p className={styles.none}>{noneText(query, looking)}</p>}
      <div className={styles.list} id={`${id}-list`} role="listbox" aria-label="Results" ref={list}>
        {commands.map((command, index) => (
          <div key={command.id} role="presentation">
            {command.group !== commands[index - 1]?.group && (
              <div className={styles.group} role="presentation">
                {command.group}
              </div>
            )}
            <div
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              className={styles.option}
              onMouseMove={() => setAt(index)}
              onClick={() => run(command)}
            >
              <command.icon size={16} aria-hidden />
              <span className={styles.text}>{command.text}</span>
              {command.second !== undefined && (
                <span className={styles.second}>{command.second}</span>
              )}
            </div>
          </div>
        ))}
      </div>
    </>
  );
}

function useCommands(query: string): { commands: Command[]; looking: boolean } {
  const trpc = useTRPC();
  const router = useRouter();
  const dark = useDark();
  const { project, can } = useSession();
  const search = useDeferredValue(query.trim());
  const runs = useQuery(
    trpc.runs.list.queryOptions({
      projectId: project.id,
      limit: 8,
      ...(search === '' ? {} : { search }),
    }),
  );
  const pages = (can('member') ? [launch, ...places] : places).map((place) => ({
    id: place.href,
    group: 'Pages',
    text: place.text,
    icon: place.icon,
    act: () => router.push(place.href),
  }));
  const theme: Command = {
    id: 'theme',
    group: 'Commands',
    text: dark ? 'Use the light theme' : 'Use the dark theme',
    icon: dark ? Sun : Moon,
    act: () => setTheme(dark ? 'light' : 'dark'),
  };
  const found: Command[] = (runs.data?.items ?? []).map((run) => ({
    id: run.id,
    group: search === '' ? 'Latest runs' : 'Runs',
    text: runName(run),
    second: run.state,
    icon: FlaskConical,
    act: () => router.push(`/runs/${run.id}`),
  }));
  // A run of this name means more than a command that happens to have its letters.
  const commands = [...matching([...pages, theme], query, found.length === 0), ...found];
  return { commands, looking: runs.isFetching || search !== query.trim() };
}
