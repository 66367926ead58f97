// What the repositories take and give. Times are ISO 8601 strings in UTC, as in the API's shapes.
import type {
  ArtifactRef,
  ArtifactView,
  AttemptState,
  AttemptView,
  CommentView,
  Experiment,
  ErrorBody,
  InvitationView,
  ApiKeyView,
  LiveEvent,
  OrganizationView,
  LogLine,
  Manifest,
  MemberView,
  MetricSeries,
  ProjectView,
  Role,
  RunDetail,
  RunInput,
  RunRow,
  RunState,
  ScheduleView,
  StageEvent,
  StagePlan,
  StageResult,
  StageState,
  StageView,
  SweepDetail,
  SweepInput,
  SweepRow,
  SweepState,
} from '@stillwatt/contracts';

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** When something changed; now if absent. */
interface At {
  at?: string | undefined;
}

export interface RunQuery {
  projectId: string;
  /** 1 to 500. */
  limit: number;
  cursor?: string | undefined;
  state?: RunState | undefined;
  /** Part of an experiment's name, a swept value, a task or a run id; upper and lower case are one. One or two letters: the start of the experiment's name. */
  search?: string | undefined;
  sweepId?: string | undefined;
  sort: 'created' | 'experiment' | 'state' | 'duration';
  order: 'asc' | 'desc';
}

export interface Runs {
  /** The run with its planned stages and its entry in the audit, once by id: false if it was there. */
  insert(input: RunInput, stages: readonly StagePlan[]): Promise<boolean>;
  /** False if the run is missing or already as far: states only move forward. `running` sets startedAt, a final one finishedAt. */
  setState(runId: string, change: RunChange): Promise<boolean>;
  /** Three queries, whatever the limit. Throws INPUT_INVALID for a cursor of another list. */
  list(query: RunQuery): Promise<Page<RunRow>>;
  get(runId: string): Promise<RunDetail | null>;
  /** Those of `runIds` that are in the project, in the order asked for. */
  many(projectId: string, runIds: readonly string[]): Promise<RunDetail[]>;
  /** Runs that have not ended, oldest first, those after one of an earlier page: to be checked against Temporal. */
  unfinished(limit: number, after?: Unfinished): Promise<UnfinishedRun[]>;
}
export interface RunChange extends At {
  state: RunState;
  error?: ErrorBody | undefined;
}
/** A run or a sweep that has not ended. */
export interface Unfinished {
  id: string;
  projectId: string;
  createdAt: string;
}
export interface UnfinishedRun extends Unfinished {
  sweepId: string | null;
}

export interface Stages {
  /** False if the stage is missing or already as far: waiting < queued < running < the final states. */
  setState(path: string, change: StageChange): Promise<boolean>;
  /** Phase and progress of a stage that is not final, or was cancelled while others wait for it; appends one `progress` event for every run that does. */
  setProgress(path: string, progress: StageProgress): Promise<boolean>;
  get(path: string): Promise<StageView | null>;
  /** Mean wall seconds of the last finished stages of a project, by stage kind; a kind without history is absent. */
  typicalSeconds(projectId: string): Promise<Record<string, number>>;
}
export interface StageChange extends At {
  state: StageState;
  key?: string | undefined;
  /** Path of the stage that computes it, when that is another run's; null: it does so itself. */
  ownerPath?: string | null | undefined;
  /** Fills output, summary, provenance and resource use. */
  result?: StageResult | undefined;
  error?: ErrorBody | undefined;
}
/** Absent fields keep their value. */
export interface StageProgress {
  phase?: string | undefined;
  done?: number | undefined;
  total?: number | undefined;
  unit?: string | undefined;
  ratePerSecond?: number | null | undefined;
  etaSeconds?: number | null | undefined;
}

export interface Attempts {
  /** Once by (stage, number): false if it was there. */
  start(attempt: AttemptStart): Promise<boolean>;
  /** False if it is missing or has already ended. */
  finish(end: AttemptEnd): Promise<boolean>;
  /** Oldest first. */
  list(stagePath: string): Promise<AttemptView[]>;
}
export interface AttemptStart extends At {
  stagePath: string;
  /** From 1. */
  number: number;
  /** Digest of the checkpoint it goes on from. */
  resumedFrom: string | null;
}
export interface AttemptEnd extends At {
  stagePath: string;
  number: number;
  state: Exclude<AttemptState, 'running'>;
  error?: ErrorBody | undefined;
  wallSeconds?: number | null | undefined;
  cpuSeconds?: number | null | undefined;
  peakRssBytes?: number | null | undefined;
}

type EventOf<T extends StageEvent['type']> = Extract<StageEvent, { type: T }>;
/** A `metric` event is one. */
export type MetricPoint = Pick<EventOf<'metric'>, 'name' | 'step' | 'value'>;
/** A `log` event is one. */
export type NewLogLine = Pick<EventOf<'log'>, 'seq' | 'atMs' | 'level' | 'message'>;

export interface Metrics {
  /** One batch of one stage, of any length; points that are there already stay. Answers with how many were new. */
  append(stagePath: string, points: readonly MetricPoint[]): Promise<number>;
  /** Curves of a run, those of stages that another run computed among them. At most `maxPoints` a series: the lowest and highest of each bucket of steps. */
  ofRun(runId: string, maxPoints: number): Promise<MetricSeries[]>;
}

export interface Logs {
  /** One batch of one attempt; lines that are there already stay. Answers with how many were new. */
  append(stagePath: string, attempt: number, lines: readonly NewLogLine[]): Promise<number>;
  /** Oldest first, those of stages that another run computed among them. */
  ofRun(query: LogQuery): Promise<Page<LogLine>>;
}
export interface LogQuery {
  runId: string;
  /** Stage name. */
  stage?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

export interface Artifacts {
  /** Once by (project, digest): false if it was there. */
  insert(artifact: NewArtifactRow): Promise<boolean>;
  get(projectId: string, digest: string): Promise<ArtifactView | null>;
  /** Made or reused by the run's stages. */
  ofRun(runId: string): Promise<ArtifactView[]>;
}
export interface NewArtifactRow {
  projectId: string;
  ref: ArtifactRef;
  manifest: Manifest;
  /** Stage path. */
  madeBy: string;
}

export interface StageResults {
  get(projectId: string, key: string): Promise<CachedResult | null>;
  /** Those of `keys` that have a result. */
  known(projectId: string, keys: readonly string[]): Promise<string[]>;
  /** The store says which result counts: one whose output was lost there is replaced. False if it was kept already. */
  keep(projectId: string, key: string, cached: CachedResult): Promise<boolean>;
}
export interface CachedResult {
  result: StageResult;
  ownerPath: string;
}

export interface Sweeps {
  /** With its entry in the audit, once by id: false if it was there. */
  insert(input: SweepInput, plan: { planned: number }): Promise<boolean>;
  /** Running and paused may alternate; a final state stays. */
  setState(sweepId: string, change: SweepChange): Promise<boolean>;
  /** Newest first. */
  list(query: {
    projectId: string;
    limit: number;
    cursor?: string | undefined;
  }): Promise<Page<SweepRow>>;
  get(sweepId: string): Promise<SweepDetail | null>;
  /** Sweeps that have not ended, as `Runs.unfinished` gives runs. */
  unfinished(limit: number, after?: Unfinished): Promise<Unfinished[]>;
}
export interface SweepChange extends At {
  state: SweepState;
  error?: ErrorBody | undefined;
}

export interface Experiments {
  /** Remembers the spec under its name. */
  save(projectId: string, spec: Experiment): Promise<void>;
  get(projectId: string, name: string): Promise<Experiment | null>;
  /** Last used first. */
  list(projectId: string): Promise<{ name: string; updatedAt: string }[]>;
}

/** A schedule without what only Temporal knows. */
export type ScheduleRow = Omit<ScheduleView, 'nextRuns' | 'recentRuns'>;
export interface Schedules {
  insert(schedule: ScheduleRow & { createdBy: string | null }): Promise<boolean>;
  list(projectId: string): Promise<ScheduleRow[]>;
  get(scheduleId: string): Promise<ScheduleRow | null>;
  setPaused(scheduleId: string, paused: boolean): Promise<boolean>;
  remove(scheduleId: string): Promise<boolean>;
}

export interface Comments {
  /** Throws NOT_FOUND if there is no such run. */
  add(comment: { id: string; runId: string; authorId: string; body: string }): Promise<CommentView>;
  /** Oldest first. */
  list(runId: string): Promise<CommentView[]>;
  get(commentId: string): Promise<CommentView | null>;
  remove(commentId: string): Promise<boolean>;
}

export interface Projects {
  /** Once by id; the owner, if there is one yet, becomes its owner in either case (the demo makes "Local" before anybody signs up). */
  createOrganization(organization: {
    id: string;
    name: string;
    ownerId: string | null;
  }): Promise<void>;
  /** Once by id; the owner, if there is one yet, becomes its owner in either case. */
  create(project: {
    id: string;
    organizationId: string;
    name: string;
    ownerId: string | null;
  }): Promise<ProjectView>;
  get(projectId: string): Promise<Omit<ProjectView, 'role'> | null>;
  /** Projects the user is a member of, by name. */
  ofUser(userId: string): Promise<ProjectView[]>;
  /** Organizations the user is a member of, by name. */
  organizationsOf(userId: string): Promise<OrganizationView[]>;
  /** For authorisation: the project of a thing, or null. */
  ofRun(runId: string): Promise<string | null>;
  ofSweep(sweepId: string): Promise<string | null>;
  ofSchedule(scheduleId: string): Promise<string | null>;
  ofComment(commentId: string): Promise<string | null>;
  ofInvitation(invitationId: string): Promise<string | null>;
  ofApiKey(apiKeyId: string): Promise<string | null>;
}

export interface Members {
  role(userId: string, projectId: string): Promise<Role | null>;
  organizationRole(userId: string, organizationId: string): Promise<Role | null>;
  /** By name. */
  list(projectId: string): Promise<MemberView[]>;
  /** A member already there keeps the role: false. */
  add(projectId: string, userId: string, role: Role): Promise<boolean>;
  /** Throws CONFLICT if it would leave the project without an owner. */
  setRole(projectId: string, userId: string, role: Role): Promise<boolean>;
  /** Throws CONFLICT if it would leave the project without an owner. */
  remove(projectId: string, userId: string): Promise<boolean>;
}

export interface Invitations {
  create(invitation: {
    id: string;
    projectId: string;
    /** Lower-case hex. */
    tokenSha256: string;
    role: Role;
    createdBy: string | null;
    expiresAt: string;
  }): Promise<InvitationView>;
  /** Neither accepted, revoked nor expired; newest first. */
  list(projectId: string): Promise<InvitationView[]>;
  /** An open one, by the hash of its token. */
  find(tokenSha256: string): Promise<OpenInvitation | null>;
  /** Makes the user a member, once, in one transaction: null if it is not open any more. A member with a higher role keeps it. */
  accept(tokenSha256: string, userId: string): Promise<{ projectId: string } | null>;
  revoke(invitationId: string): Promise<boolean>;
}
export interface OpenInvitation extends InvitationView {
  project: { id: string; name: string };
  organization: { id: string; name: string };
}

export interface ApiKeys {
  create(key: {
    id: string;
    projectId: string;
    name: string;
    role: Role;
    /** Lower-case hex. */
    secretSha256: string;
    createdBy: string | null;
    expiresAt: string | null;
  }): Promise<ApiKeyView>;
  /** Not revoked; newest first. */
  list(projectId: string): Promise<ApiKeyView[]>;
  /** Neither revoked nor expired. The caller compares the hash in constant time. */
  find(apiKeyId: string): Promise<ApiKeyRecord | null>;
  /** Notes the use, at most once a minute. */
  touch(apiKeyId: string): Promise<void>;
  revoke(apiKeyId: string): Promise<boolean>;
}
export interface ApiKeyRecord {
  id: string;
  projectId: string;
  name: string;
  role: Role;
  secretSha256: string;
  createdBy: string | null;
}

export interface Users {
  /** Forgets sessions and verifications whose time is over. Answers with how many. */
  forgetExpired(): Promise<number>;
  /** No user at all: the installation waits for its first administrator. */
  isEmpty(): Promise<boolean>;
  /** Makes the first user, owner of an organization and a project: all of it, or nothing and false if there is a user already, however many try at once. */
  createFirst(user: NewUser, home: Home): Promise<boolean>;
  /** Makes a user who can sign in; false if the address is taken. */
  create(user: NewUser): Promise<boolean>;
  /** With sessions and memberships. */
  remove(userId: string): Promise<boolean>;
  get(userId: string): Promise<{ id: string; name: string; email: string } | null>;
}

export interface NewUser {
  id: string;
  name: string;
  /** Lower case. */
  email: string;
  /** As better-auth checks it. */
  passwordHash: string;
}
export interface Home {
  organization: { id: string; name: string };
  project: { id: string; name: string };
}

/** A live event with the project it belongs to. */
export interface ProjectEvent extends LiveEvent {
  projectId: string;
}
export interface Live {
  append(events: readonly Omit<ProjectEvent, 'id'>[]): Promise<void>;
  /** Events after `sinceId` ("0" for all), oldest first; ids grow in the order of the commits. */
  listSince(query: {
    projectId: string;
    sinceId: string;
    runId?: string | undefined;
    limit: number;
  }): Promise<LiveEvent[]>;
  /** True if every event after `sinceId`, of any project, is still kept. */
  keepsAfter(sinceId: string): Promise<boolean>;
  /** Newest id of the project, "0" if it has none. */
  lastId(projectId: string): Promise<string>;
  /** Every event of every project from now on, in order, once, over reconnects too. All listeners share one connection. Resolves when it listens. */
  listen(onEvent: (event: ProjectEvent) => void, signal: AbortSignal): Promise<void>;
  /** Forgets events older than that. Answers with how many. */
  prune(before: string): Promise<number>;
}

export interface AuditEntry {
  projectId: string | null;
  userId: string | null;
  apiKeyId: string | null;
  /** `runs.cancel` */
  action: string;
  subject: string | null;
  detail?: unknown;
}
export interface Audit {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(query: {
    projectId: string;
    limit: number;
    cursor?: string | undefined;
  }): Promise<Page<AuditEntry & { id: string; at: string }>>;
}
