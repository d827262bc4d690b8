import { POSITION_START, type Position } from '#core';

import type { ColumnType, ColumnValue } from '../../read-store.js';
import type { SqlValue } from './connection.js';

/** Throws a `TypeError` for what is not an even number of hexadecimal digits: no such key or value can be stored. */
export function encodeHash(hex: unknown): Buffer {
  if (typeof hex === 'string') {
    const bytes = Buffer.from(hex, 'hex');
    // `Buffer.from` stops at the first character that is no digit.
    if (bytes.length * 2 === hex.length) return bytes;
  }
  throw new TypeError(`not an even number of hexadecimal digits: ${String(hex)}`);
}

/** Throws a `TypeError` for lone surrogates, which UTF-8 cannot hold: they would come back as other text. */
export function encodeText(text: unknown): string {
  if (typeof text === 'string' && text.isWellFormed()) return text;
  throw new TypeError('not a text without lone surrogates');
}

/** A column of any type but `hashes`. */
export function encodeScalar(type: ColumnType, value: ColumnValue): SqlValue {
  if (type === 'hash') return encodeHash(value);
  if (type === 'text') return encodeText(value);
  if (type !== 'hashes' && Number.isSafeInteger(value)) return value as number;
  throw new TypeError(`not a value of type ${type}: ${String(value)}`);
}

/** Stored values are compared as they are compared outside: `''` sorts before everything, also in SQLite. */
export function encodePosition(position: Position): SqlValue {
  if (position === POSITION_START) return '';
  return position.length % 2 === 0 ? encodeHash(position) : position;
}

export function decodePosition(stored: SqlValue | undefined): Position {
  return Buffer.isBuffer(stored) ? stored.toString('hex') : (stored as string);
}

/** One byte says how long the next member is. */
const MEMBER_BYTES = 255;

/** The members of a `hashes` column in the order in which they were given. */
export function encodeMembers(members: ColumnValue): Buffer {
  if (!Array.isArray(members)) throw new TypeError('not a list of members');
  const parts: Buffer[] = [];
  for (const member of members as readonly string[]) {
    const bytes = encodeHash(member);
    if (bytes.length > MEMBER_BYTES) throw new TypeError(`a member has at most ${MEMBER_BYTES} bytes`);
    parts.push(Buffer.of(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

export function decodeMembers(stored: Buffer): string[] {
  const members: string[] = [];
  for (let at = 0; at < stored.length;) {
    const end = at + 1 + (stored[at] as number);
    members.push(stored.toString('hex', at + 1, end));
    at = end;
  }
  return members;
}

/** As SQLite compares two values of one column: numbers by size, bytes and UTF-8 text byte by byte. */
export function compareValues(a: SqlValue, b: SqlValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

function bytesOf(value: SqlValue): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
}

/** The least value above all that begin with `prefix`; `undefined` when there is none. */
export function endOfPrefix(prefix: string | Buffer): string | Buffer | undefined {
  return typeof prefix === 'string' ? endOfTextPrefix(prefix) : endOfHashPrefix(prefix);
}

function endOfHashPrefix(prefix: Buffer): Buffer | undefined {
  const last = prefix.findLastIndex((byte) => byte !== 0xff);
  if (last === -1) return undefined;
  const end = Buffer.from(prefix.subarray(0, last + 1));
  end[last] = (end[last] as number) + 1;
  return end;
}

const LAST_CODE_POINT = 0x10ffff;

/** UTF-8 bytes sort like code points, so the next code point is the next byte sequence. */
function endOfTextPrefix(prefix: string): string | undefined {
  const codePoints = Array.from(prefix, (character) => character.codePointAt(0) as number);
  const last = codePoints.findLastIndex((codePoint) => codePoint !== LAST_CODE_POINT);
  if (last === -1) return undefined;
  const next = (codePoints[last] as number) + 1;
  // Surrogates are not characters.
  return String.fromCodePoint(...codePoints.slice(0, last), next === 0xd800 ? 0xe000 : next);
}
