// Who is looking at which run's page: kept in the memory of this process, gone with it.

export interface Person {
  id: string;
  name: string;
  email: string;
}

export interface Presence {
  /** Enters a person; call the answer when the page closes. A person with two pages is there once. */
  enter(runId: string, person: Person): () => void;
  people(runId: string): Person[];
  /** Calls `changed` whenever somebody comes to or leaves a run's page; the answer ends that. */
  watch(runId: string, changed: () => void): () => void;
}

export function createPresence(): Presence {
  const pages = new Map<string, Map<symbol, Person>>();
  const watchers = new Map<string, Set<() => void>>();

  function people(runId: string): Person[] {
    const byId = new Map<string, Person>();
    for (const person of pages.get(runId)?.values() ?? []) byId.set(person.id, person);
    return [...byId.values()].sort((a, b) => a.name.localeCompare(b.name));
  }
  function tell(runId: string) {
    for (const changed of watchers.get(runId) ?? []) changed();
  }

  return {
    people,
    enter(runId, person) {
      const page = Symbol(person.id);
      const open = pages.get(runId) ?? new Map<symbol, Person>();
      pages.set(runId, open.set(page, person));
      tell(runId);
      return () => {
        if (!open.delete(page)) return;
        if (open.size === 0 && pages.get(runId) === open) pages.delete(runId);
        tell(runId);
      };
    },
    watch(runId, changed) {
      const those = watchers.get(runId) ?? new Set();
      watchers.set(runId, those.add(changed));
      return () => {
        those.delete(changed);
        if (those.size === 0 && watchers.get(runId) === those) watchers.delete(runId);
      };
    },
  };
}
