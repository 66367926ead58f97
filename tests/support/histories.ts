// What a workflow's history tells a test: which activities it called, and whether it has heard of a cancellation.
import type { WorkflowHandle } from '@temporalio/client';

/** Resolves when the workflow has acted on its cancellation. */
export async function untilHeard(handle: WorkflowHandle): Promise<void> {
  for (;;) {
    const { events } = await handle.fetchHistory();
    const asked = events?.findIndex(
      (event) => event.workflowExecutionCancelRequestedEventAttributes,
    );
    const acted = events?.findLastIndex((event) => event.workflowTaskCompletedEventAttributes);
    if (asked !== undefined && acted !== undefined && asked >= 0 && acted > asked) return;
  }
}

/** `openRun called`, `openRun ended`, … in the order of the history. */
export async function activitiesOf(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  const names = new Map<string, string>();
  return (events ?? []).flatMap((event) => {
    const called = event.activityTaskScheduledEventAttributes?.activityType?.name;
    if (called) names.set(String(event.eventId), called);
    const ended =
      event.activityTaskCompletedEventAttributes ?? event.activityTaskCanceledEventAttributes;
    return [
      ...(called ? [`${called} called`] : []),
      ...(ended ? [`${names.get(String(ended.scheduledEventId))} ended`] : []),
    ];
  });
}
