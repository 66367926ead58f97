// What this browser remembers, in cookies so that the server draws the first frame right: theme, rail, project.

export const preferenceNames = {
  theme: 'sw-theme',
  rail: 'sw-rail',
  project: 'sw-project',
} as const;
export type Preference = keyof typeof preferenceNames;

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const yearSeconds = 365 * 86_400;

/** Remembers `value` for a year, for this site only. */
export function savePreference(name: Preference, value: string): void {
  document.cookie = `${preferenceNames[name]}=${encodeURIComponent(value)}; path=/; max-age=${yearSeconds}; samesite=lax`;
}

/** The remembered value, from a Cookie header or `document.cookie`. */
export function readPreference(cookies: string, name: Preference): string | null {
  const head = `${preferenceNames[name]}=`;
  const found = cookies.split('; ').find((part) => part.startsWith(head));
  return found === undefined ? null : decodeURIComponent(found.slice(head.length));
}

/** Any text as a theme; what is unknown follows the system. */
export function toTheme(text: string | null | undefined): Theme {
  return themes.find((theme) => theme === text) ?? 'system';
}
