'use client';
// Who is signed in, which project is open, and what they may do there.
import { type ErrorBody, type ProjectView, type Role, roleAllows } from '@stillwatt/contracts';
import { useQuery } from '@tanstack/react-query';
import { usePathname, useRouter } from 'next/navigation';
import {
  createContext,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { blockingFault, errorBody, useTRPC } from '../../server/client.tsx';
import { readPreference, savePreference } from '../../ui/preferences.ts';

export interface Session {
  person: { id: string; name: string; email: string } | null;
  projects: ProjectView[];
  project: ProjectView;
  /** True if this person may make projects in the organization of the open one. */
  mayCreateProject: boolean;
  openProject: (projectId: string) => void;
  /** May this person do what `role` may, in the open project? */
  can: (role: Role) => boolean;
}

export type SessionState =
  | { state: 'loading' }
  | { state: 'failed'; fault: ErrorBody; retry: () => void }
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
  const followed = useRef<string>(undefined);
  useEffect(() => {
    // Once: who then opens another project means it.
    if (projectId === undefined || projectId === followed.current) return;
    followed.current = projectId;
    if (projectId === project.id) return;
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

  const fault = blockingFault(me);
  if (fault && !signedOut) return { state: 'failed', fault, retry: () => void me.refetch() };
  if (me.data === undefined || signedOut) return { state: 'loading' };
  const { person, projects, organizations } = me.data;
  const project = projects.find((one) => one.id === chosen) ?? projects[0];
  if (project === undefined) return { state: 'homeless', person };
  const openProject = (projectId: string) => {
    savePreference('project', projectId);
    setOpened(projectId);
  };
  const can = (role: Role) => roleAllows(project.role, role);
  const mayCreateProject = organizations.some(
    ({ id, role }) => id === project.organization.id && roleAllows(role, 'member'),
  );
  const session = { person, projects, project, mayCreateProject, openProject, can };
  return { state: 'ready', session };
}

function keptProject(): string | null {
  return readPreference(document.cookie, 'project');
}

/** Cookies tell nobody when they change; only this page changes them, and keeps that itself. */
function never(): () => void {
  return () => undefined;
}
