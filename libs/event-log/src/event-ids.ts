import { randomBytes as systemRandomBytes } from 'node:crypto';

/** The random part of the ids of one request; the last four bytes count. */
const PREFIX_BYTES = 12;
const MAX_COUNT = 2 ** 32;

/**
 * Ids for the events of one append request: UUIDs of version 8 (RFC 9562) that share 90 random bits and end in a 32-bit
 * number, counted from 0. As unique as random ones, while a log can keep the shared part once per request instead of 16
 * bytes per event. Give them out in the order in which the events stand in the request.
 */
export function eventIds(count: number, randomBytes: (size: number) => Uint8Array = systemRandomBytes): string[] {
  if (!Number.isInteger(count) || count < 0 || count > MAX_COUNT) throw new RangeError(`cannot mint ${count} ids`);
  const prefix = Buffer.from(randomBytes(PREFIX_BYTES));
  prefix[6] = ((prefix[6] ?? 0) & 0x0f) | 0x80;
  prefix[8] = ((prefix[8] ?? 0) & 0x3f) | 0x80;
  const hex = prefix.toString('hex');
  const shared = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return Array.from({ length: count }, (_, index) => shared + index.toString(16).padStart(8, '0'));
}
