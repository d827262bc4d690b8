import { TesseraError } from '#core';

/** What a place in a list is made of. `hash`: hexadecimal, as keys of documents are. */
type PartType = 'string' | 'number' | 'hash';
type Part<T extends PartType> = T extends 'number' ? number : string;
type Parts<T extends readonly PartType[]> = { readonly [K in keyof T]: Part<T[K]> };

const HASH = /^(?:[0-9a-f]{2})+$/;

/** Where a page ended, opaque to clients: what comes behind it does not depend on what arrives before it meanwhile. */
export function encodeCursor(...parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts, when they are of the wanted types. Throws `INVALID_CURSOR`. */
export function decodeCursor<T extends readonly PartType[]>(cursor: string, ...types: T): Parts<T> {
  const parts = parsed(cursor);
  if (!Array.isArray(parts) || parts.length !== types.length || !types.every((type, i) => isOf(type, parts[i]))) {
    throw new TesseraError('INVALID_CURSOR', 'The cursor is not one that this list gave out.');
  }
  return parts as unknown as Parts<T>;
}

function isOf(type: PartType, part: unknown): boolean {
  if (type === 'number') return Number.isSafeInteger(part);
  return typeof part === 'string' && (type === 'string' || HASH.test(part));
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
