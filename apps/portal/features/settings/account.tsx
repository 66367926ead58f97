'use client';
// The account and the theme of this browser.
import { LogOut } from 'lucide-react';
import { signOut } from '../../server/auth-client.ts';
import { Button } from '../../ui/button.tsx';
import { Segments } from '../../ui/field.tsx';
import { Section } from '../../ui/page.tsx';
import { setTheme, useTheme } from '../../ui/theme.ts';
import { useSession } from '../session/session.tsx';
import styles from './settings.module.css';

export function Account() {
  const { person, projects } = useSession();
  const theme = useTheme();
  return (
    <div className={styles.sections}>
      <Section title="Account">
        <dl className={styles.pairs}>
          <dt>Name</dt>
          <dd>{person?.name ?? 'an API key'}</dd>
          <dt>E-mail</dt>
          <dd>{person?.email ?? 'none'}</dd>
          <dt>Projects</dt>
          <dd>{projects.map((project) => `${project.name} (${project.role})`).join(', ')}</dd>
        </dl>
        <div>
          <Button onClick={() => void signOut()}>
            <LogOut size={14} aria-hidden />
            Sign out
          </Button>
        </div>
      </Section>
      <Section title="Theme" about="in this browser">
        <Segments
          label="Theme"
          hideLabel
          value={theme}
          onChange={setTheme}
          options={[
            ['system', 'As the system'],
            ['light', 'Light'],
            ['dark', 'Dark'],
          ]}
        />
      </Section>
    </div>
  );
}
