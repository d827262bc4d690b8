/**
 * A place in the log: lower-case hexadecimal of a width that is fixed per engine, so that positions of one log sort as
 * strings. Opaque: only the log that minted one may look inside. Means the same after a restart.
 */
export type Position = string;

/** Before the first event; sorts before every position. */
export const POSITION_START: Position = '';

export function laterOf(a: Position, b: Position): Position {
  return a < b ? b : a;
}
