// What the main thread and its helpers say to each other.
import type { InhibitorGradientJob, InhibitorJob } from './inhibitor-core.ts';

/** State of a helper in its shared word. */
export const helperStates = { starting: 0, idle: 1, busy: 2, failed: 3 } as const;

export type HelperMessage = { readonly from: number; readonly to: number } & (
  | { readonly kind: 'forward'; readonly job: InhibitorJob }
  | { readonly kind: 'gradient'; readonly job: InhibitorGradientJob }
);
