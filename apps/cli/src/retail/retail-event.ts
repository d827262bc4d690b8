import { exactProduct } from './exact-product.js';
import type { RetailRow } from './retail-row.js';

/** One invoice line as an experience event. Its owner is the customer, or the basket when nobody was named. */
export interface RetailEvent {
  readonly _id: string;
  readonly timestamp: string;
  readonly eventType: 'commerce.purchases' | 'commerce.cancellations';
  readonly customerId?: string;
  /** For rows without a customer: an anonymous visitor who was seen once, with this invoice. */
  readonly identityMap?: { readonly BASKET: readonly [{ readonly id: string; readonly primary: true }] };
  readonly sku: string;
  readonly name?: string;
  /** Negative in cancellations and in corrections of stock. */
  readonly quantity: number;
  readonly unitPrice: number;
  /** The exact decimal product of quantity and unit price. */
  readonly priceTotal: number;
}

/** The shop marks the invoices that take something back. */
export function isCancellation(row: RetailRow): boolean {
  return row.invoice.startsWith('C');
}

/**
 * The event of a row that is the `lineNumber`th (from 1) of its invoice. Equal rows of one invoice are different lines:
 * somebody bought twice. Throws a `RangeError` when quantity or price is not a number.
 */
export function retailEvent(row: RetailRow, lineNumber: number): RetailEvent {
  return {
    _id: `${row.invoice}-${lineNumber}`,
    timestamp: row.timestamp,
    eventType: isCancellation(row) ? 'commerce.cancellations' : 'commerce.purchases',
    ...(row.customerId === undefined ? anonymous(row.invoice) : { customerId: row.customerId }),
    sku: row.stockCode,
    ...(row.description !== undefined && { name: row.description }),
    quantity: Number(row.quantity),
    unitPrice: Number(row.unitPrice),
    priceTotal: exactProduct(row.unitPrice, row.quantity),
  };
}

function anonymous(invoice: string): Pick<RetailEvent, 'identityMap'> {
  return { identityMap: { BASKET: [{ id: invoice, primary: true }] } };
}

/** Numbers the lines of each invoice from 1, in the order in which they come. Holds one number per invoice. */
export function invoiceLineNumbers(): (invoice: string) => number {
  const last = new Map<string, number>();
  return (invoice) => {
    const number = (last.get(invoice) ?? 0) + 1;
    last.set(invoice, number);
    return number;
  };
}
