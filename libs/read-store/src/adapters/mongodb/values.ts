import type { ColumnType, ColumnValue } from '../../read-store.js';

const HEX = /^(?:[0-9a-f]{2})*$/;

/**
 * A hash that is compared by order: lower-case digits sort as the bytes do. Not as binary data, which BSON compares by
 * length first. Throws a `TypeError` for what is not an even number of hexadecimal digits.
 */
export function encodeHash(hex: unknown): string {
  if (typeof hex === 'string') {
    const lower = hex.toLowerCase();
    if (HEX.test(lower)) return lower;
  }
  throw new TypeError(`not an even number of hexadecimal digits: ${String(hex)}`);
}

/** A hash that is only compared for equality: half the size. */
export function encodeBytes(hex: unknown): Buffer {
  return Buffer.from(encodeHash(hex), 'hex');
}

/** Throws a `TypeError` for lone surrogates, which UTF-8 cannot hold: they would come back as other text. */
export function encodeText(text: unknown): string {
  if (typeof text === 'string' && text.isWellFormed()) return text;
  throw new TypeError('not a text without lone surrogates');
}

/** Safe integers stay exact: the driver stores them as 32-bit integers or as doubles, which compare with one another. */
export function encodeNumber(type: ColumnType, value: ColumnValue): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new TypeError(`not a value of type ${type}: ${String(value)}`);
}

/** The rule of the port. */
const MEMBER_BYTES = 255;

export function encodeMembers(members: ColumnValue): Buffer[] {
  if (!Array.isArray(members)) throw new TypeError('not a list of members');
  return (members as readonly string[]).map((member) => {
    const bytes = encodeBytes(member);
    if (bytes.length > MEMBER_BYTES) throw new TypeError(`a member has at most ${MEMBER_BYTES} bytes`);
    return bytes;
  });
}

const LAST_CODE_POINT = 0x10ffff;

/**
 * The least text above all that begin with `prefix`; `undefined` when there is none. UTF-8 bytes sort like code points, so
 * the next code point is the next byte sequence. Good for hashes, too: nothing stands between the digit and the next
 * character.
 */
export function endOfPrefix(prefix: string): string | undefined {
  const codePoints = Array.from(prefix, (character) => character.codePointAt(0) as number);
  const last = codePoints.findLastIndex((codePoint) => codePoint !== LAST_CODE_POINT);
  if (last === -1) return undefined;
  const next = (codePoints[last] as number) + 1;
  // Surrogates are not characters.
  return String.fromCodePoint(...codePoints.slice(0, last), next === 0xd800 ? 0xe000 : next);
}
