'use client';
// The rail of a small screen.
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import styles from './frame.module.css';
import { placeOf, places } from './nav.ts';

export function BottomBar() {
  const here = placeOf(usePathname());
  return (
    <nav className={styles.bottom} aria-label="Places">
      {places
        .filter((place) => place.small)
        .map(({ href, text, icon: Icon }) => (
          <Link
            key={href}
            href={href}
            className={styles.place}
            aria-current={here?.href === href ? 'page' : undefined}
          >
            <Icon size={18} aria-hidden />
            {text}
          </Link>
        ))}
    </nav>
  );
}
