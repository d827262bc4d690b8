import type { Connection } from './connection.js';

/** Beyond this many different texts a column does not repeat itself enough for numbers to save anything. */
const MOST_TEXTS = 4_096;
/** Longer ones hardly repeat. */
const LONGEST = 128;

/**
 * Texts that repeat in column after column, such as the names of datasets and event types, are stored once and stand as
 * a number in the documents (6 % of the bytes of a timeline). Only in columns that no index orders. Entries are shared by
 * all versions and never removed, so what a reader has learnt stays true.
 */
export class Texts {
  readonly #idByText = new Map<string, number>();
  readonly #textById = new Map<number, string>();
  #full = false;

  constructor(private readonly connection: Connection) {}

  /** What to store for this text: its number, given out now if need be, or the text itself. Within a commit. */
  intern(text: string): number | string {
    const known = this.find(text);
    if (typeof known === 'number' || this.#full || text.length > LONGEST) return known;
    const [last] = this.connection.prepare('SELECT max(id) FROM texts').get() as [number | null];
    if (last !== null && last >= MOST_TEXTS) {
      this.#full = true;
      return text;
    }
    const id = Number(this.connection.prepare('INSERT INTO texts (value) VALUES (?)').run(text).lastInsertRowid);
    this.#idByText.set(text, id);
    return id;
  }

  /** What stands for this text where it is stored. */
  find(text: string): number | string {
    const known = this.#idByText.get(text);
    if (known !== undefined) return known;
    if (text.length > LONGEST) return text;
    const row = this.connection.prepare('SELECT id FROM texts WHERE value = ?').get(text);
    if (row === undefined) return text;
    this.#idByText.set(text, row[0] as number);
    return row[0] as number;
  }

  textOf(stored: number | string): string {
    if (typeof stored === 'string') return stored;
    const known = this.#textById.get(stored);
    if (known !== undefined) return known;
    const [text] = this.connection.prepare('SELECT value FROM texts WHERE id = ?').get(stored) as [string];
    this.#textById.set(stored, text);
    return text;
  }

  /** After a rollback: numbers given out in it are free again. */
  forget(): void {
    this.#idByText.clear();
    this.#textById.clear();
    this.#full = false;
  }
}
