// The body of a page and its sections: one heading, its actions at the right.
import type { ReactNode } from 'react';
import styles from './page.module.css';

export function Page({
  title,
  actions,
  children,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={styles.page}>
      {title !== undefined && (
        <div className={styles.head}>
          <h1 className={styles.grow}>{title}</h1>
          {actions}
        </div>
      )}
      {children}
    </div>
  );
}

export function Section({
  title,
  about,
  actions,
  children,
}: {
  title: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={styles.section}>
      <div className={styles.sectionHead}>
        <div className={styles.sectionTitle}>
          <h2>{title}</h2>
          {about !== undefined && <span className={styles.about}>{about}</span>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}
