'use client';
// The frame of every page behind sign-in: rail, top line, bottom bar, and the page once there is a session.
import { type ReactNode, useState } from 'react';
import { signOut } from '../../server/auth-client.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, FaultNotice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { Bone, BoneRows } from '../../ui/skeleton.tsx';
import { LiveProvider } from '../live/live.tsx';
import { SessionProvider, type SessionState, useSessionState } from '../session/session.tsx';
import { BottomBar } from './bottom-bar.tsx';
import { CrumbProvider } from './crumbs.tsx';
import styles from './frame.module.css';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import { TopLine } from './top-line.tsx';

export function Frame({ children }: { children: ReactNode }) {
  const state = useSessionState();
  const [paletteOpen, setPaletteOpen] = useState(false);
  if (state.state !== 'ready') {
    return (
      <div className={styles.frame}>
        <div className={styles.rail} />
        <div className={styles.main}>
          <div className={styles.topline} />
          <main className={styles.content}>
            <Waiting state={state} />
          </main>
        </div>
      </div>
    );
  }
  return (
    <SessionProvider value={state.session}>
      <LiveProvider projectId={state.session.project.id}>
        <CrumbProvider>
          <a href="#content" className={styles.skip}>
            Skip to the page
          </a>
          <div className={styles.frame}>
            <Rail />
            <div className={styles.main}>
              <TopLine onSearch={() => setPaletteOpen(true)} />
              <main id="content" tabIndex={-1} className={styles.content}>
                {children}
              </main>
            </div>
            <BottomBar />
          </div>
          <Palette open={paletteOpen} onOpenChange={setPaletteOpen} />
        </CrumbProvider>
      </LiveProvider>
    </SessionProvider>
  );
}

function Waiting({ state }: { state: Exclude<SessionState, { state: 'ready' }> }) {
  if (state.state === 'loading') {
    return (
      <Page title={<Bone width={160} height={20} />}>
        <BoneRows rows={10} widths={[200, 100, 80, 80, 60, 60]} />
      </Page>
    );
  }
  if (state.state === 'failed') {
    return (
      <Page>
        <FaultNotice
          title="Your projects could not be loaded"
          fault={state.fault}
          retry={state.retry}
        />
      </Page>
    );
  }
  return (
    <Page>
      <Empty
        page
        title="You are in no project yet"
        action={<Button onClick={() => void signOut()}>Sign out</Button>}
      >
        You are signed in as {state.person?.email ?? 'an API key'}. Ask an owner of a project for an
        invitation link; opening it adds you to the project.
      </Empty>
    </Page>
  );
}
