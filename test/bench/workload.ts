import { csvRows } from '../../apps/cli/src/load/retail-chunks.js';
import { openSource } from '../../apps/cli/src/load/source.js';
import { RetailCustomers } from '../../apps/cli/src/retail/retail-customers.js';
import {
  invoiceLineNumbers,
  isCancellation,
  type RetailEvent,
  retailEvent,
} from '../../apps/cli/src/retail/retail-event.js';
import type { RetailDataset } from '../../apps/cli/src/retail/retail-items.js';
import { isRetailHeader, type RetailRow, retailRow } from '../../apps/cli/src/retail/retail-row.js';
import { randomUuid, seededRandom, shuffledIndexes } from './random.js';

export type Variant = 'easy' | 'hard';

/** An item before it is put into a request. */
export interface BenchItem {
  readonly dataset: RetailDataset;
  /** Path of its profile. */
  readonly profilePath: string;
  readonly text: string;
}

/** A source of items that never end: first the rows of the file, each once, then more of the same kind. */
export interface Workload {
  readonly variant: Variant;
  /** How `_id`, order and owners come about: stands beside every number. */
  readonly description: string;
  /** Records that go in first; none in the hard variant. */
  readonly records: readonly BenchItem[];
  readonly events: Generator<BenchItem, never>;
}

/** The hard variant spreads the whole file over so many owners, a part of it over as large a part of them. */
const HARD_OWNERS = 130_000;
const FILE_ROWS = 541_909;
const SEED = 20101201;

/** The first `count` rows of the retail file; all when there are fewer. */
export async function readRows(file: string, count: number): Promise<readonly RetailRow[]> {
  const rows: RetailRow[] = [];
  for await (const row of csvRows(openSource(file).content)) {
    if (row.line === 1 && isRetailHeader(row.cells)) continue;
    rows.push(retailRow(row.cells));
    if (rows.length === count) break;
  }
  return rows;
}

export function workload(variant: Variant, rows: readonly RetailRow[]): Workload {
  return variant === 'easy' ? easyWorkload(rows) : hardWorkload(rows);
}

function easyWorkload(rows: readonly RetailRow[]): Workload {
  const customers = new RetailCustomers();
  const owners = new Set<string>();
  for (const row of rows) {
    customers.add(row);
    owners.add(row.customerId ?? row.invoice);
  }
  const records = [...customers.records()].map((record) => ({
    dataset: 'customers' as const,
    profilePath: profilePath('CRMID', record.customerId),
    text: JSON.stringify(record),
  }));
  const description = `_id = invoice-line, file order, ${owners.size} owners (${records.length} with a record)`;
  return { variant: 'easy', description, records, events: easyEvents(rows) };
}

/** The file, then the file again under other invoice numbers: everybody buys everything once more. */
function* easyEvents(rows: readonly RetailRow[]): Generator<BenchItem, never> {
  for (let round = 0; ; round += 1) {
    const lineNumber = invoiceLineNumbers();
    for (const row of rows) {
      const invoice = round === 0 ? row.invoice : `${row.invoice}R${round}`;
      yield eventItem(row, retailEvent({ ...row, invoice }, lineNumber(invoice)));
    }
  }
}

function hardWorkload(rows: readonly RetailRow[]): Workload {
  const owners = Math.round((HARD_OWNERS * rows.length) / FILE_ROWS);
  const description = `_id = random UUID, shuffled, each drawn from ${owners} owners`;
  return { variant: 'hard', description, records: [], events: hardEvents(rows, owners) };
}

/** Every row belongs to a customer drawn anew; the file shuffled, then shuffled again. */
function* hardEvents(rows: readonly RetailRow[], owners: number): Generator<BenchItem, never> {
  const random = seededRandom(SEED);
  for (;;) {
    for (const index of shuffledIndexes(rows.length, random)) {
      const row = rows[index];
      if (row === undefined) continue;
      const customerId = String(100_000 + Math.floor(random() * owners));
      yield eventItem(row, { ...retailEvent({ ...row, customerId }, 1), _id: randomUuid(random) });
    }
  }
}

function eventItem(row: RetailRow, event: RetailEvent): BenchItem {
  const { customerId, identityMap } = event;
  return {
    dataset: isCancellation(row) ? 'cancellations' : 'purchases',
    profilePath:
      customerId === undefined
        ? profilePath('BASKET', identityMap?.BASKET[0].id ?? '')
        : profilePath('CRMID', customerId),
    text: JSON.stringify(event),
  };
}

function profilePath(namespace: string, id: string): string {
  return `/v1/profiles/${namespace}/${id}`;
}
