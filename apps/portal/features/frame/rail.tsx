'use client';
// The left rail: project on top, places, the person at the foot.
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { setRailNarrow, useRailNarrow } from '../../ui/rail.ts';
import { Tip } from '../../ui/tip.tsx';
import { IconButton } from '../../ui/button.tsx';
import styles from './frame.module.css';
import { placeOf, places } from './nav.ts';
import { PersonMenu } from './person-menu.tsx';
import { ProjectSwitcher } from './project-switcher.tsx';

export function Rail() {
  const here = placeOf(usePathname());
  const narrow = useRailNarrow();
  return (
    <div className={styles.rail}>
      <ProjectSwitcher />
      <nav className={styles.places} aria-label="Places">
        {places.map(({ href, text, icon: Icon }) => {
          const link = (
            <Link
              key={href}
              href={href}
              className={styles.place}
              aria-current={here?.href === href ? 'page' : undefined}
            >
              <Icon size={16} aria-hidden />
              <span className={styles.wide}>{text}</span>
            </Link>
          );
          return narrow ? (
            <Tip key={href} text={text} side="right">
              {link}
            </Tip>
          ) : (
            link
          );
        })}
      </nav>
      <IconButton
        label={narrow ? 'Widen the rail' : 'Narrow the rail'}
        onClick={() => setRailNarrow(!narrow)}
      >
        {narrow ? (
          <PanelLeftOpen size={16} aria-hidden />
        ) : (
          <PanelLeftClose size={16} aria-hidden />
        )}
      </IconButton>
      <PersonMenu />
    </div>
  );
}
