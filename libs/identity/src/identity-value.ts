import type { Namespace } from '#catalog';

import { isBlocked, type BlockedValues } from './blocked-values.js';

/** What of a namespace decides about its values. */
export type ValueRules = Pick<Namespace, 'caseSensitive' | 'digits'>;

export type ValueFault = 'IDENTITY_BLOCKED' | 'IDENTITY_INVALID';

/** The value as Tessera keeps it, or why it never becomes an identity. */
export type IdentityValue =
  { readonly id: string; readonly fault?: never } | { readonly fault: ValueFault; readonly id?: never };

const DIGITS = /^\d+$/;

/** White space trimmed at both ends, Unicode NFC, lower case where the namespace does not tell cases apart. */
export function normaliseValue({ caseSensitive }: ValueRules, value: string): string {
  const trimmed = value.trim();
  // Locale-free: `toLocaleLowerCase` would turn a Turkish I into another person.
  const cased = caseSensitive ? trimmed : trimmed.toLowerCase();
  return isAscii(cased) ? cased : cased.normalize('NFC');
}

/** Normalises a value and says whether it may stand for a person. Of a blocked and invalid value, blocked wins. */
export function readIdentityValue(rules: ValueRules, value: string, blocked: BlockedValues): IdentityValue {
  const id = normaliseValue(rules, value);
  if (isBlocked(blocked, id)) return { fault: 'IDENTITY_BLOCKED' };
  return fits(rules, id) ? { id } : { fault: 'IDENTITY_INVALID' };
}

function fits({ digits }: ValueRules, id: string): boolean {
  return digits === undefined || (id.length === digits && DIGITS.test(id));
}

/** ASCII text is in NFC already; asking this is a tenth of the cost of `normalize`, and nearly all values are. */
function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
