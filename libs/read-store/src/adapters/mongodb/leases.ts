import type { Lease } from '../../read-store.js';
import type { Connection } from './connection.js';
import { isDuplicateKey } from './store-errors.js';

interface LeaseRecord extends Lease {
  readonly _id: string;
}

/** Who may do what alone. A document is never removed: its epoch goes on rising. */
export class Leases {
  constructor(private readonly connection: Connection) {}

  async read(name: string): Promise<Lease | undefined> {
    const found = await this.#records.findOne({ _id: name });
    return found === null ? undefined : { holder: found.holder, epoch: found.epoch, beat: found.beat };
  }

  async take(name: string, seen: Lease | undefined, holder: string): Promise<Lease | undefined> {
    if (seen !== undefined) return this.#replace(name, seen, { holder, epoch: seen.epoch + 1, beat: 0 });
    const first = { holder, epoch: 1, beat: 0 };
    try {
      await this.#records.insertOne({ _id: name, ...first });
      return first;
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }

  async renew(name: string, held: Lease): Promise<Lease | undefined> {
    return this.#replace(name, held, { ...held, beat: held.beat + 1 });
  }

  async release(name: string, { holder, epoch }: Lease): Promise<void> {
    await this.#records.updateOne({ _id: name, holder, epoch }, { $set: { holder: '' }, $inc: { beat: 1 } });
  }

  async #replace(name: string, { holder, epoch, beat }: Lease, next: Lease): Promise<Lease | undefined> {
    const lease = { holder: next.holder, epoch: next.epoch, beat: next.beat };
    const { matchedCount } = await this.#records.updateOne({ _id: name, holder, epoch, beat }, { $set: lease });
    return matchedCount > 0 ? lease : undefined;
  }

  get #records() {
    return this.connection.records<LeaseRecord>('leases');
  }
}
