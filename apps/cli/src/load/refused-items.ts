import { closeSync, openSync, writeSync } from 'node:fs';
import { CliError } from '../cli-error.js';
import { whole } from '../terminal/progress.js';
import type { RefusedItem } from './tally.js';

/** So many are worth reading on a screen; the file has them all. */
const SHOWN = 10;

/** Remembers the first refused items, and writes all of them to a file where somebody asked for one. */
export class RefusedItems {
  readonly #first: RefusedItem[] = [];
  readonly #descriptor: number | undefined;

  /** Throws a `CliError` when the file cannot be written: at once, not after the load. */
  constructor(private readonly file: string | undefined) {
    try {
      this.#descriptor = file === undefined ? undefined : openSync(file, 'w');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CliError(`cannot write the refused items: ${reason}`, { cause: error });
    }
  }

  add(item: RefusedItem): void {
    if (this.#first.length < SHOWN) this.#first.push(item);
    if (this.#descriptor !== undefined) writeSync(this.#descriptor, `${JSON.stringify(item)}\n`);
  }

  /** Lines for a screen, when `rejected` items were refused in all. */
  lines(rejected: number): readonly string[] {
    const lines = this.#first.map(({ line, code, message }) => `line ${line ?? '?'}: ${code} ${message}`.trimEnd());
    const more = rejected - lines.length;
    if (more <= 0) return lines;
    return [
      ...lines,
      `and ${whole(more)} more: ${this.file === undefined ? '--errors <file> keeps them' : `see ${this.file}`}`,
    ];
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}
