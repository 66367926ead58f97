'use client';
// Who is signed in, which project is open, and what they may do there.
import { type ProjectView, type Role, roleAllows } from '@stillwatt/contracts';
import { useQuery } from '@tanstack/react-query';
import { usePathname, useRouter } from 'next/navigation';
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { errorBody, useTRPC } from '../../server/client.tsx';
import { readPreference, savePreference } from '../../ui/preferences.ts';

export interface Session {
  person: { id: string; name: string; email: string } | null;
  projects: ProjectView[];
  project: ProjectView;
  openProject: (projectId: string) => void;
  /** May this person do what `role` may, in the open project? */
  can: (role: Role) => boolean;
}

export type SessionState =
  | { state: 'loading' }
  | { state: 'failed'; error: unknown; retry: () => void }
  | { state: 'homeless'; person: Session['person'] }
  | { state: 'ready'; session: Session };

const SessionContext = createContext<Session | null>(null);
export const SessionProvider = SessionContext.Provider;

/** The session; only inside the frame, which shows its pages when there is one. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession stands outside the frame');
  return session;
}

/** Opens the project that the shown thing belongs to, so that the switcher says where one is. */
export function useFollowProject(projectId: string | undefined): void {
  const { project, projects, openProject } = useSession();
  useEffect(() => {
    if (projectId === undefined || projectId === project.id) return;
    if (projects.some((one) => one.id === projectId)) openProject(projectId);
  }, [projectId, project.id, projects, openProject]);
}

/** Loads the session; sends who is not signed in to the sign-in page and back afterwards. */
export function useSessionState(): SessionState {
  const trpc = useTRPC();
  const router = useRouter();
  const pathname = usePathname();
  const me = useQuery(trpc.me.get.queryOptions({}, { staleTime: 60_000 }));
  const kept = useSyncExternalStore(never, keptProject, () => null);
  const [opened, setOpened] = useState<string | null>(null);
  const chosen = opened ?? kept;
  const signedOut = me.error !== null && errorBody(me.error).code === 'UNAUTHENTICATED';

  useEffect(() => {
    if (!signedOut) return;
    const here = pathname + window.location.search;
    router.replace(`/sign-in?next=${encodeURIComponent(here)}`);
  }, [signedOut, pathname, router]);

  if (me.isPending || signedOut) return { state: 'loading' };
  if (me.error) return { state: 'failed', error: me.error, retry: () => void me.refetch() };
  const { person, projects } = me.data;
  const project = projects.find((one) => one.id === chosen) ?? projects[0];
  if (project === undefined) return { state: 'homeless', person };
  const openProject = (projectId: string) => {
    savePreference('project', projectId);
    setOpened(projectId);
  };
  const can = (role: Role) => roleAllows(project.role, role);
  return { state: 'ready', session: { person, projects, project, openProject, can } };
}

function keptProject(): string | null {
  return readPreference(document.cookie, 'project');
}

/** Cookies tell nobody when they change; only this page changes them, and keeps that itself. */
function never(): () => void {
  return () => undefined;
}
