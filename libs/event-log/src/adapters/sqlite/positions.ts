import { POSITION_START, TesseraError, type Position } from '#core';

/** 48 bits: ten years at 800,000 events a second. */
const DIGITS = 12;
const ZEROS = '0'.repeat(DIGITS);
const POSITION = /^[0-9a-f]{12}$/;

/** The first event is number 1, so 0 stands before everything. */
export function toPosition(number: number): Position {
  if (number === 0) return POSITION_START;
  const hex = number.toString(16);
  return ZEROS.slice(hex.length) + hex;
}

/** Throws `INVALID_REQUEST` for what `toPosition` never made. */
export function fromPosition(position: Position): number {
  if (position === POSITION_START) return 0;
  if (!POSITION.test(position)) throw new TesseraError('INVALID_REQUEST', 'That is not a position of this log');
  return parseInt(position, 16);
}
