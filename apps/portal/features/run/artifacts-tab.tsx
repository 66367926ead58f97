'use client';
// The artifacts of a run with their lineage: what was made from what.
import { type ArtifactView, restBase, type RunDetail } from '@stillwatt/contracts';
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { blockingFault, useTRPC } from '../../server/client.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { formatBytes, shortDigest } from '../../ui/format.ts';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { BoneRows } from '../../ui/skeleton.tsx';
import styles from './artifacts.module.css';

export function ArtifactsTab({ run }: { run: RunDetail }) {
  const trpc = useTRPC();
  const artifacts = useQuery(trpc.runs.artifacts.queryOptions({ runId: run.id }));
  const fault = blockingFault(artifacts);
  if (fault) {
    return (
      <FaultNotice
        title="The artifacts could not be loaded"
        fault={fault}
        retry={() => void artifacts.refetch()}
      />
    );
  }
  if (artifacts.data === undefined) return <BoneRows rows={6} widths={[90, 120, 80, 200]} />;
  const { items } = artifacts.data;
  if (items.length === 0) {
    return (
      <Empty title="No artifacts yet">
        Data sets, models, evaluations and profiles will stand here under their digests as the
        stages end, each with what it was made from.
      </Empty>
    );
  }
  const makers = new Map(items.map((item) => [item.digest, makerOf(item)]));
  return (
    <ul className={styles.artifacts}>
      {items.map((item) => (
        <li key={item.digest} id={shortDigest(item.digest)} className={styles.artifact}>
          <div className={styles.head}>
            <span className={styles.kind}>{makerOf(item)}</span>
            <span className={styles.quiet}>{item.kind}</span>
            <span>{formatBytes(item.sizeBytes)}</span>
            <code className={styles.quiet}>{shortDigest(item.digest)}</code>
            <CopyButton text={item.digest} what="the digest" />
            {!item.madeBy.includes(run.id) && <span className={styles.cached}>from cache</span>}
          </div>
          <Lineage item={item} makers={makers} />
          <ul className={styles.files}>
            {item.files.map((file) => (
              <li key={file.name}>
                <a
                  href={`${restBase}/artifacts/${run.projectId}/${item.digest}/${encodeURIComponent(file.name)}`}
                  download={file.name}
                >
                  <Download size={12} aria-hidden />
                  {file.name}
                </a>
                <span className={styles.quiet}>{formatBytes(file.sizeBytes)}</span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

/** `sweep_7/run_12/distill` → `distill`. */
function makerOf(item: ArtifactView): string {
  return item.madeBy.split('/').at(-1) ?? item.madeBy;
}

function Lineage({ item, makers }: { item: ArtifactView; makers: ReadonlyMap<string, string> }) {
  const inputs = Object.entries(item.inputs);
  if (inputs.length === 0) return <p className={styles.lineage}>made from its source files</p>;
  return (
    <p className={styles.lineage}>
      made from{' '}
      {inputs.map(([role, digest], index) => (
        <span key={role}>
          {index > 0 && ' and '}
          <a href={`#${shortDigest(digest)}`}>
            {role === makers.get(digest)
              ? role
              : `${role} of ${makers.get(digest) ?? 'another run'}`}
          </a>{' '}
          <code>{shortDigest(digest)}</code>
        </span>
      ))}
    </p>
  );
}
