'use client';
// The chosen theme and the one that shows.
import { useSyncExternalStore } from 'react';
import { savePreference, type Theme, toTheme } from './preferences.ts';

const changed = 'sw-theme-change';

/** Shows a theme at once and remembers it. */
export function setTheme(theme: Theme): void {
  savePreference('theme', theme);
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  window.dispatchEvent(new Event(changed));
}

/** The theme that was chosen. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, chosen, () => 'system' as const);
}

/** Whether dark colours show now: canvases must know, style sheets do by themselves. */
export function useDark(): boolean {
  return useSyncExternalStore(subscribe, isDark, () => false);
}

function chosen(): Theme {
  return toTheme(document.documentElement.dataset.theme);
}

function isDark(): boolean {
  const theme = chosen();
  if (theme !== 'system') return theme === 'dark';
  return window.matchMedia('(prefers-color-scheme: dark)').matches;
}

function subscribe(onChange: () => void): () => void {
  const media = window.matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', onChange);
  window.addEventListener(changed, onChange);
  return () => {
    media.removeEventListener('change', onChange);
    window.removeEventListener(changed, onChange);
  };
}
