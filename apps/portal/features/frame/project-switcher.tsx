'use client';
// The open project, and the others one may open.
import { ChevronsUpDown, Plus } from 'lucide-react';
import { useState } from 'react';
import { Menu, MenuChoices, MenuItem, MenuSeparator } from '../../ui/menu.tsx';
import { useSession } from '../session/session.tsx';
import styles from './frame.module.css';
import { NewProject } from './new-project.tsx';

export function ProjectSwitcher() {
  const { project, projects, openProject, can } = useSession();
  const [creating, setCreating] = useState(false);
  return (
    <>
      <Menu
        trigger={
          <button type="button" className={styles.railButton}>
            <span className="visually-hidden">Project</span>
            <span className={styles.mark} aria-hidden>
              {project.name.slice(0, 1).toUpperCase()}
            </span>
            <span className={`${styles.twoLines} ${styles.wide}`}>
              <span className={styles.first}>{project.name}</span>
              <span className={styles.second}>{project.organization.name}</span>
            </span>
            <ChevronsUpDown size={14} className={styles.wide} aria-hidden />
          </button>
        }
      >
        <MenuChoices
          label="Projects"
          value={project.id}
          onChange={openProject}
          options={projects.map((one) => ({
            value: one.id,
            text: one.name,
            second: `${one.organization.name} · ${one.role}`,
          }))}
        />
        {can('owner') && (
          <>
            <MenuSeparator />
            <MenuItem icon={Plus} onSelect={() => setCreating(true)}>
              New project
            </MenuItem>
          </>
        )}
      </Menu>
      <NewProject open={creating} onOpenChange={setCreating} />
    </>
  );
}
