'use client';
// Settings: the project's members, links and keys; the account; the theme.
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { useSession } from '../session/session.tsx';
import { Account } from './account.tsx';
import { ApiKeys } from './api-keys.tsx';
import { Invitations } from './invitations.tsx';
import { Members } from './members.tsx';
import styles from './settings.module.css';

const tab = parseAsStringLiteral(['project', 'account'] as const).withDefault('project');

export function SettingsPage() {
  const { project, can } = useSession();
  const [open, setOpen] = useQueryState('tab', tab);
  return (
    <Page title="Settings">
      <Tabs
        label="Settings"
        value={open}
        onChange={(next) => void setOpen(next)}
        tabs={[
          {
            value: 'project',
            text: `Project ${project.name}`,
            content: () => (
              <div className={styles.sections}>
                <Members />
                {can('owner') && <Invitations />}
                {can('owner') && <ApiKeys />}
              </div>
            ),
          },
          { value: 'account', text: 'Account and theme', content: () => <Account /> },
        ]}
      />
    </Page>
  );
}
