'use client';
// A page that broke: the rest of the portal works.
import { FaultNotice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';

export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <Page>
      <FaultNotice
        title="This page could not be drawn"
        fault={{
          code: 'INTERNAL',
          message: error.message,
          fix: error.digest
            ? `The server's log has the cause under ${error.digest}.`
            : 'Try again; if it stays, reload the page.',
        }}
        retry={reset}
      />
    </Page>
  );
}
