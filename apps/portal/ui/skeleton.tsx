// Grey shapes of the layout that is being loaded.
import styles from './skeleton.module.css';

export function Bone({
  width = '100%',
  height = 12,
}: {
  width?: number | string;
  height?: number | string;
}) {
  return <span className={styles.bone} style={{ width, height }} aria-hidden />;
}

/** Rows of a table that is on its way. */
export function BoneRows({ rows = 8, widths }: { rows?: number; widths: (number | string)[] }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.row}>
          {widths.map((width, column) => (
            <Bone key={column} width={width} />
          ))}
        </div>
      ))}
    </div>
  );
}

/** A block of the final size. */
export function BoneBlock({
  height,
  label = 'Loading',
}: {
  height: number | string;
  label?: string;
}) {
  return (
    <div role="status" aria-label={label}>
      <Bone height={height} />
    </div>
  );
}
