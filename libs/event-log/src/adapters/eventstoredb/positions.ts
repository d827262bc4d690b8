import { POSITION_START, TesseraError, type Position } from '#core';

/** Where an event stands in `$all`. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

const DIGITS = 16;
const POSITION = /^[0-9a-f]{32}$/;
/** The server counts bytes in a signed 64-bit number; beyond it stands for "none" and "the end". */
const LARGEST = 2n ** 63n - 1n;

/** Commit before prepare, each in 16 digits. */
export function toPosition({ commit, prepare }: LogPosition): Position {
  return hex(commit) + hex(prepare);
}

/** `undefined` for what the server sends when it knows no position. */
export function knownPosition(position: LogPosition | undefined): Position | undefined {
  if (position === undefined || position.commit > LARGEST || position.prepare > LARGEST) return undefined;
  return toPosition(position);
}

/** `start` for `POSITION_START`. Throws `INVALID_REQUEST` for what `toPosition` never made. */
export function fromPosition(position: Position): LogPosition | 'start' {
  if (position === POSITION_START) return 'start';
  const commit = POSITION.test(position) ? BigInt(`0x${position.slice(0, DIGITS)}`) : LARGEST + 1n;
  if (commit > LARGEST) throw new TesseraError('INVALID_REQUEST', 'That is not a position of this log');
  return { commit, prepare: BigInt(`0x${position.slice(DIGITS)}`) };
}

/** In bytes of log; the start stands one byte before the first. */
export function distanceBetween(from: Position, to: Position): number {
  return bytesBefore(to) - bytesBefore(from);
}

function bytesBefore(position: Position): number {
  const place = fromPosition(position);
  return place === 'start' ? -1 : Number(place.commit);
}

function hex(number: bigint): string {
  return number.toString(16).padStart(DIGITS, '0');
}
