'use client';
// The top line: where one is, whether the page is live, search, and the way to launch.
import { Play, Radio, Search, Unplug } from 'lucide-react';
import { usePathname } from 'next/navigation';
import { ButtonLink } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { Tip } from '../../ui/tip.tsx';
import { useConnection } from '../live/live.tsx';
import { useSession } from '../session/session.tsx';
import { Crumbs } from './crumbs.tsx';
import styles from './frame.module.css';

export function TopLine({ onSearch }: { onSearch: () => void }) {
  const { can } = useSession();
  const launching = usePathname() === '/launch';
  return (
    <header className={styles.topline}>
      <Crumbs />
      <ConnectionMark />
      <button type="button" className={styles.search} onClick={onSearch}>
        <Search size={14} aria-hidden />
        <span>Search</span>
        <kbd>Ctrl K</kbd>
      </button>
      {can('member') && !launching && (
        <ButtonLink href="/launch" look="primary">
          <Play size={14} aria-hidden />
          Launch
        </ButtonLink>
      )}
    </header>
  );
}

const connectionWords = {
  live: 'What you see is kept current.',
  connecting: 'Connecting to live updates.',
  lost: 'No live updates: what you see may be old. It tries again by itself.',
} as const;

function ConnectionMark() {
  const connection = useConnection();
  if (connection === 'connecting') return null;
  const Icon = connection === 'live' ? Radio : Unplug;
  return (
    <Tip text={connectionWords[connection]}>
      <span
        className={cx(styles.connection, connection === 'lost' && styles.lost)}
        tabIndex={0}
        role="status"
      >
        <Icon size={14} aria-hidden />
        <span className={connection === 'live' ? styles.wideOnly : undefined}>
          {connection === 'live' ? 'Live' : 'Not live'}
        </span>
      </span>
    </Tip>
  );
}
