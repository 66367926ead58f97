// What each role may do, in words.
import { type Role, roles } from '@stillwatt/contracts';

export const roleWords: Record<Role, string> = {
  viewer: 'sees runs and comments',
  member: 'launches and cancels runs too',
  owner: 'manages members, links and keys too',
};

/** For select fields, weakest first. */
export const roleOptions = roles.map((role) => [role, `${role}: ${roleWords[role]}`] as const);
