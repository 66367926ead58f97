'use client';
// Whether the rail is narrow, as this browser remembers it.
import { useSyncExternalStore } from 'react';
import { savePreference } from './preferences.ts';

const changed = 'sw-rail-change';

export function setRailNarrow(narrow: boolean): void {
  const width = narrow ? 'narrow' : 'wide';
  document.documentElement.dataset.rail = width;
  savePreference('rail', width);
  window.dispatchEvent(new Event(changed));
}

export function useRailNarrow(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => document.documentElement.dataset.rail === 'narrow',
    () => false,
  );
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener(changed, onChange);
  return () => window.removeEventListener(changed, onChange);
}
