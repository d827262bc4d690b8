import { RetailCustomers } from './retail-customers.js';
import { invoiceLineNumbers, isCancellation, retailEvent } from './retail-event.js';
import { isRetailHeader, retailRow } from './retail-row.js';

/** The datasets that the file becomes, and what each of them takes. */
export const RETAIL_DATASETS = { customers: 'records', purchases: 'events', cancellations: 'events' } as const;
export type RetailDataset = keyof typeof RETAIL_DATASETS;

/** A row of the file: its cells, and its line, counted from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** An item for a dataset as JSON text, or a row that is not one. */
export type RetailItem =
  | { readonly line: number; readonly dataset: RetailDataset; readonly text: string }
  | { readonly line: number; readonly problem: string };

/**
 * What the rows of the file become: an event for every row, then one record per customer, since only the end of the
 * file tells where a customer lives. A record's line is 0: no one line made it.
 */
export function retailItems(): {
  readonly event: (row: CsvRow) => RetailItem | undefined;
  readonly customers: () => Iterable<RetailItem>;
} {
  const lineNumber = invoiceLineNumbers();
  const customers = new RetailCustomers();
  return {
    event({ line, cells }) {
      if (line === 1 && isRetailHeader(cells)) return undefined;
      try {
        const row = retailRow(cells);
        const event = retailEvent(row, lineNumber(row.invoice));
        customers.add(row);
        return { line, dataset: isCancellation(row) ? 'cancellations' : 'purchases', text: JSON.stringify(event) };
      } catch (error) {
        if (error instanceof RangeError) return { line, problem: error.message };
        throw error;
      }
    },
    *customers() {
      for (const record of customers.records()) {
        yield { line: 0, dataset: 'customers', text: JSON.stringify(record) };
      }
    },
  };
}
