import type { RegistryEntry } from '../../read-store.js';
import type { Connection } from './connection.js';
import { isDuplicateKey } from './store-errors.js';

interface RegistryRecord {
  /** The projection. */
  readonly _id: string;
  /** As text: entries are compared as a whole. */
  readonly entry: string;
}

export class Registry {
  constructor(private readonly connection: Connection) {}

  async read(projection: string): Promise<RegistryEntry | undefined> {
    const found = await this.#records.findOne({ _id: projection });
    return found === null ? undefined : (JSON.parse(found.entry) as RegistryEntry);
  }

  /** False, and nothing changed, when the entry is not the expected one. */
  async replace(projection: string, expected: RegistryEntry | undefined, next: RegistryEntry): Promise<boolean> {
    const entry = textOf(next);
    if (expected === undefined) return this.#insert(projection, entry);
    const found = { _id: projection, entry: textOf(expected) };
    return (await this.#records.updateOne(found, { $set: { entry } })).matchedCount > 0;
  }

  async #insert(projection: string, entry: string): Promise<boolean> {
    try {
      await this.#records.insertOne({ _id: projection, entry });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  get #records() {
    return this.connection.records<RegistryRecord>('registry');
  }
}

/** Equal entries have equal text. */
function textOf({ active, building, retired }: RegistryEntry): string {
  return JSON.stringify({ active, building, retired });
}
