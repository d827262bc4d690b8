import { DELETED_STREAM, type StoredEvent } from './stored-event.js';

/** One stream: its events by revision, with holes where a scavenge has been, and from where on it may be read. */
export class StoredStream {
  readonly events: (StoredEvent | undefined)[] = [];
  truncateBefore = 0n;
  tombstoned = false;

  /** -1 before the first event. */
  get last(): bigint {
    return BigInt(this.events.length) - 1n;
  }

  get softDeleted(): boolean {
    return this.truncateBefore === DELETED_STREAM;
  }

  at(revision: bigint): StoredEvent | undefined {
    return this.events[Number(revision)];
  }

  /** Lowest revision that a reader sees. */
  get first(): bigint {
    return this.truncateBefore;
  }
}
