import type { RetailRow } from './retail-row.js';

/** A customer as a record. */
export interface RetailCustomer {
  /** Tells this state of the customer from later ones: the same file again is a duplicate, a longer file is news. */
  readonly $messageId: string;
  readonly customerId: string;
  /** Of the latest invoice: a few customers move. */
  readonly country: string;
  /** Time of the first invoice. */
  readonly customerSince: string;
}

interface Seen {
  readonly country: string;
  readonly first: string;
  readonly latest: string;
}

/** Learns customers row by row, in any order of rows. Holds one entry per customer. */
export class RetailCustomers {
  readonly #seen = new Map<string, Seen>();

  add(row: RetailRow): void {
    if (row.customerId === undefined) return;
    const { timestamp, country } = row;
    const before = this.#seen.get(row.customerId) ?? { country, first: timestamp, latest: timestamp };
    // All timestamps are in UTC with seconds: they sort as text. At equal times the later row wins.
    const isLatest = timestamp >= before.latest;
    this.#seen.set(row.customerId, {
      country: isLatest ? country : before.country,
      first: timestamp < before.first ? timestamp : before.first,
      latest: isLatest ? timestamp : before.latest,
    });
  }

  /** One record per customer, in the order of their first rows. */
  *records(): Generator<RetailCustomer> {
    for (const [customerId, { country, first, latest }] of this.#seen) {
      yield { $messageId: `${customerId}@${latest}`, customerId, country, customerSince: first };
    }
  }
}
