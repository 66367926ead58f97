'use client';
// Where one is: the place, and the thing that is open there.
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import {
  createContext,
  Fragment,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react';
import styles from './frame.module.css';
import { placeOf } from './nav.ts';

export interface Crumb {
  text: string;
  href?: string;
}

const CrumbContext = createContext<{ crumbs: Crumb[]; setCrumbs: (crumbs: Crumb[]) => void }>({
  crumbs: [],
  setCrumbs: () => undefined,
});

export function CrumbProvider({ children }: { children: ReactNode }) {
  const [crumbs, setCrumbs] = useState<Crumb[]>([]);
  const value = useMemo(() => ({ crumbs, setCrumbs }), [crumbs]);
  return <CrumbContext value={value}>{children}</CrumbContext>;
}

/** Names the open thing, after its place; its name is also the title of the document. */
export function useCrumbs(crumbs: Crumb[]): void {
  const { setCrumbs } = useContext(CrumbContext);
  const key = JSON.stringify(crumbs);
  useEffect(() => {
    const parsed = JSON.parse(key) as Crumb[];
    setCrumbs(parsed);
    const name = parsed.at(-1)?.text;
    if (name) document.title = `${name} · Stillwatt`;
    return () => setCrumbs([]);
  }, [key, setCrumbs]);
}

export function Crumbs() {
  const place = placeOf(usePathname());
  const { crumbs } = useContext(CrumbContext);
  if (place === undefined) return <div className={styles.crumbs} />;
  const all: Crumb[] = [{ text: place.text, href: place.href }, ...crumbs];
  return (
    <nav aria-label="Breadcrumb" className={styles.crumbs}>
      <ol className={styles.crumbs}>
        {all.map((crumb, index) => (
          <Fragment key={index}>
            {index > 0 && <li aria-hidden>/</li>}
            <li>
              {index === all.length - 1 || crumb.href === undefined ? (
                <span aria-current={index === all.length - 1 ? 'page' : undefined}>
                  {crumb.text}
                </span>
              ) : (
                <Link href={crumb.href}>{crumb.text}</Link>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}
