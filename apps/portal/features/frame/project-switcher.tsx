'use client';
// The open project, and the others one may open.
import { ChevronsUpDown, Plus } from 'lucide-react';
import { usePathname, useRouter } from 'next/navigation';
import { useState } from 'react';
import { Menu, MenuChoices, MenuItem, MenuSeparator } from '../../ui/menu.tsx';
import { useSession } from '../session/session.tsx';
import styles from './frame.module.css';
import { placeOf } from './nav.ts';
import { NewProject } from './new-project.tsx';

export function ProjectSwitcher() {
  const { project, projects, mayCreateProject, openProject } = useSession();
  const [creating, setCreating] = useState(false);
  const router = useRouter();
  const pathname = usePathname();
  const open = (projectId: string) => {
    if (projectId === project.id) return;
    openProject(projectId);
    // A run or a comparison of the old project is no place of the new one.
    router.push(placeOf(pathname)?.href ?? '/runs');
  };
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
          onChange={open}
          options={projects.map((one) => ({
            value: one.id,
            text: one.name,
            second: `${one.organization.name} · ${one.role}`,
          }))}
        />
        {mayCreateProject && (
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
