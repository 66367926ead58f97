'use client';
// Who is signed in: account, theme, sign out.
import { LogOut, UserRound } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { signOut } from '../../server/auth-client.ts';
import { Menu, MenuChoices, MenuItem, MenuSeparator } from '../../ui/menu.tsx';
import type { Theme } from '../../ui/preferences.ts';
import { setTheme, useTheme } from '../../ui/theme.ts';
import { useSession } from '../session/session.tsx';
import styles from './frame.module.css';
import { initials } from './initials.ts';

const themeOptions: readonly { value: Theme; text: string }[] = [
  { value: 'system', text: 'As the system' },
  { value: 'light', text: 'Light' },
  { value: 'dark', text: 'Dark' },
];

export function PersonMenu() {
  const { person, project } = useSession();
  const theme = useTheme();
  const router = useRouter();
  const name = person?.name ?? 'API key';
  return (
    <Menu
      side="top"
      trigger={
        <button type="button" className={styles.railButton}>
          <span className="visually-hidden">Account and theme:</span>
          <span className={`${styles.mark} ${styles.person}`} aria-hidden>
            {initials(name)}
          </span>
          <span className={`${styles.twoLines} ${styles.wide}`}>
            <span className={styles.first}>{name}</span>
            <span className={styles.second}>{project.role}</span>
          </span>
        </button>
      }
    >
      <MenuItem
        icon={UserRound}
        second={person?.email ?? ''}
        onSelect={() => router.push('/settings?tab=account')}
      >
        Account
      </MenuItem>
      <MenuSeparator />
      <MenuChoices label="Theme" value={theme} options={themeOptions} onChange={setTheme} />
      <MenuSeparator />
      <MenuItem icon={LogOut} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
