// The places of the portal: only nouns that exist.
import {
  CalendarClock,
  FlaskConical,
  Grid3x3,
  type LucideIcon,
  Play,
  Scale,
  Settings,
} from 'lucide-react';

export interface Place {
  href: string;
  text: string;
  icon: LucideIcon;
  /** In the bottom bar of a small screen, which holds five. */
  small: boolean;
}

export const places: readonly Place[] = [
  { href: '/runs', text: 'Runs', icon: FlaskConical, small: true },
  { href: '/sweeps', text: 'Sweeps', icon: Grid3x3, small: true },
  { href: '/compare', text: 'Compare', icon: Scale, small: true },
  { href: '/schedules', text: 'Schedules', icon: CalendarClock, small: true },
  { href: '/settings', text: 'Settings', icon: Settings, small: true },
];

export const launch: Place = { href: '/launch', text: 'Launch', icon: Play, small: false };

/** The place a path belongs to. */
export function placeOf(pathname: string): Place | undefined {
  return [...places, launch].find(
    ({ href }) => pathname === href || pathname.startsWith(`${href}/`),
  );
}
