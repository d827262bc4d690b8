/** Columns of the UCI "Online Retail" file, in its order. */
export const RETAIL_COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;

/** One line of one invoice, every cell as text. */
export interface RetailRow {
  readonly invoice: string;
  readonly stockCode: string;
  readonly description: string | undefined;
  readonly quantity: string;
  /** RFC 3339. The file has no zone; its times are taken as UTC. */
  readonly timestamp: string;
  readonly unitPrice: string;
  readonly customerId: string | undefined;
  readonly country: string;
}

const INVOICE_DATE = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/;

/** What the file writes where it knows nothing. */
const MISSING = new Set(['', 'NA']);

/** Names the cells of a row. Throws a `RangeError` that says what is wrong with it. */
export function retailRow(cells: readonly string[]): RetailRow {
  if (cells.length !== RETAIL_COLUMNS.length) {
    throw new RangeError(`a row has ${RETAIL_COLUMNS.length} cells, this one has ${cells.length}`);
  }
  const [invoice = '', stockCode = '', description = '', quantity = '', date = '', unitPrice = '', customerId = ''] =
    cells;
  const time = INVOICE_DATE.exec(date);
  if (!time) throw new RangeError(`InvoiceDate "${date}" is not of the form 2010-12-01 08:26:00`);
  if (MISSING.has(invoice)) throw new RangeError('InvoiceNo is empty');
  return {
    invoice,
    stockCode,
    description: known(description),
    quantity,
    timestamp: `${time[1] ?? ''}T${time[2] ?? ''}Z`,
    unitPrice,
    customerId: known(customerId),
    country: cells[7] ?? '',
  };
}

/** Whether the cells are the header of the file. */
export function isRetailHeader(cells: readonly string[]): boolean {
  return cells.length === RETAIL_COLUMNS.length && RETAIL_COLUMNS.every((name, index) => cells[index] === name);
}

function known(cell: string): string | undefined {
  return MISSING.has(cell) ? undefined : cell;
}
