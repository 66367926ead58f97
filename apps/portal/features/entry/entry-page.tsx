// The sheet of every page before sign-in: what this is at the left, one form at the right.
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Mark } from '../../ui/mark.tsx';
import styles from './entry.module.css';

const chain = ['Teacher', 'Distillation', 'Quantization', 'Evaluation', 'Profiling'];

export function EntryPage({
  title,
  about,
  children,
}: {
  title: string;
  about?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={styles.page}>
      <header className={styles.side}>
        <div className={styles.brand}>
          <Mark size={24} />
          Stillwatt
        </div>
        <p className={styles.claim}>Small language models for CPUs, with numbers you can defend.</p>
        <ol className={styles.chain}>
          {chain.map((step, index) => (
            <li key={step}>
              {index > 0 && <ChevronRight size={12} aria-hidden />}
              {step}
            </li>
          ))}
        </ol>
      </header>
      <main className={styles.main}>
        <div className={styles.card}>
          <h1>{title}</h1>
          {about !== undefined && <p className={styles.about}>{about}</p>}
          {children}
        </div>
      </main>
    </div>
  );
}
