import type { IdentitySettings } from '#catalog';

/** Longer values are accidents, and would be keys of every read model. Counted in characters (code points). */
export const MAX_VALUE_CHARACTERS = 1024;

/** What software writes where a person is not known. Lower case; every sandbox refuses them. */
const PLACEHOLDERS = [
  '',
  'null',
  'undefined',
  'none',
  'nan',
  'na',
  'n/a',
  'anonymous',
  'invalid',
  'guest',
  'unknown',
  '[object object]',
  '00000000-0000-0000-0000-000000000000',
  '0',
];

/** Values that never become identities, in the form in which `isBlocked` compares. */
export type BlockedValues = ReadonlySet<string>;

/** The built-in placeholders and a sandbox's own list. */
export function blockedValues(own: readonly string[]): BlockedValues {
  return new Set([...PLACEHOLDERS, ...own.map((value) => value.normalize('NFC').trim().toLowerCase())]);
}

const BY_SETTINGS = new WeakMap<IdentitySettings, BlockedValues>();

/** What settings block; made once for each, as every request asks. */
export function blockedBy(settings: IdentitySettings): BlockedValues {
  const known = BY_SETTINGS.get(settings) ?? blockedValues(settings.blockedValues);
  BY_SETTINGS.set(settings, known);
  return known;
}

/** Whether a normalised value is blocked, without regard to case. */
export function isBlocked(blocked: BlockedValues, value: string): boolean {
  return blocked.has(value.toLowerCase()) || isTooLong(value);
}

function isTooLong(value: string): boolean {
  if (value.length <= MAX_VALUE_CHARACTERS) return false;
  let characters = 0;
  for (const _character of value) if (++characters > MAX_VALUE_CHARACTERS) return true;
  return false;
}
