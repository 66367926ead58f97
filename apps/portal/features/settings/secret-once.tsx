'use client';
// A secret that is shown this once.
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { DialogFoot } from '../../ui/dialog.tsx';
import styles from './settings.module.css';

export function SecretOnce({
  what,
  secret,
  close,
}: {
  what: string;
  secret: string;
  close: () => void;
}) {
  return (
    <>
      <p className={styles.about}>Copy the {what} now: it is not shown again.</p>
      <div className={styles.secret}>
        <input
          readOnly
          aria-label={what}
          value={secret}
          onFocus={(event) => event.target.select()}
        />
        <CopyButton text={secret} label="Copy" what={`the ${what}`} />
      </div>
      <DialogFoot>
        <Button look="primary" onClick={close}>
          Done
        </Button>
      </DialogFoot>
    </>
  );
}
