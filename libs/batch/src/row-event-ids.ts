import { hash } from 'node:crypto';

/** Rows of one batch at most: their number ends the ids of their events. */
export const MAX_ROWS = 2 ** 32;

/**
 * The id of the event that a row becomes: a UUID of version 8 (RFC 9562) made of the batch and the row, so that a second
 * try of the same row can be told from another one. `row` counts from 0.
 */
export class RowEventIds {
  readonly #prefix: string;

  constructor(batch: string) {
    const hex = hash('sha256', `tessera/batch/${batch}`, 'hex');
    this.#prefix = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 24)}`;
  }

  of(row: number): string {
    return this.#prefix + row.toString(16).padStart(8, '0');
  }

  /** The row that an id was made of; `undefined` for ids of other batches. */
  rowOf(id: string): number | undefined {
    return id.startsWith(this.#prefix) ? Number.parseInt(id.slice(this.#prefix.length), 16) : undefined;
  }
}
