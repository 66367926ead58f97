'use client';
// Whether the window is as narrow as a phone, where tables become lists.
import { useSyncExternalStore } from 'react';

const query = '(max-width: 640px)';

export function useSmall(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => window.matchMedia(query).matches,
    () => false,
  );
}

function subscribe(onChange: () => void): () => void {
  const media = window.matchMedia(query);
  media.addEventListener('change', onChange);
  return () => media.removeEventListener('change', onChange);
}
