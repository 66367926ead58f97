// Commands of the palette and how a few letters find them.
import type { LucideIcon } from 'lucide-react';

export interface Command {
  id: string;
  group: string;
  text: string;
  second?: string;
  icon: LucideIcon;
  act: () => void;
}

/** What stands in an empty list. @param looking the answer to this query is still to come */
export function noneText(query: string, looking: boolean): string {
  return looking
    ? `Looking for “${query}” …`
    : `Nothing is called “${query}”. Runs are found by experiment name or id.`;
}

/**
 * Those whose text holds `query`, starts of words first; with `loose` also those that hold its letters in order.
 */
export function matching<T extends { text: string }>(
  commands: readonly T[],
  query: string,
  loose: boolean,
): T[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return [...commands];
  return commands
    .map((command) => ({ command, rank: rank(command.text.toLowerCase(), wanted) }))
    .filter(({ rank: found }) => found < (loose ? Infinity : 3))
    .sort((a, b) => a.rank - b.rank)
    .map(({ command }) => command);
}

function rank(text: string, wanted: string): number {
  if (text.startsWith(wanted)) return 0;
  if (text.includes(` ${wanted}`)) return 1;
  if (text.includes(wanted)) return 2;
  let at = 0;
  for (const letter of wanted) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return Infinity;
  }
  return 3;
}
