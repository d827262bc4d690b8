import { writeFileSync } from 'node:fs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { RetailEvent } from '../../apps/cli/src/retail/retail-event.js';

export const FILE_FORMATS = ['ndjson', 'csv', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** A column: its name in the header, its type in Parquet, and its value; `undefined` is an empty cell. */
interface Column {
  readonly name: string;
  readonly type: 'STRING' | 'INT64' | 'DOUBLE' | 'JSON';
  readonly value: (event: RetailEvent) => string | number | object | undefined;
}

const COLUMNS: readonly Column[] = [
  { name: '_id', type: 'STRING', value: (event) => event._id },
  { name: 'timestamp', type: 'STRING', value: (event) => event.timestamp },
  { name: 'eventType', type: 'STRING', value: (event) => event.eventType },
  { name: 'customerId', type: 'STRING', value: (event) => event.customerId },
  { name: 'identityMap', type: 'JSON', value: (event) => event.identityMap },
  { name: 'sku', type: 'STRING', value: (event) => event.sku },
  { name: 'name', type: 'STRING', value: (event) => event.name },
  { name: 'quantity', type: 'INT64', value: (event) => event.quantity },
  { name: 'unitPrice', type: 'DOUBLE', value: (event) => event.unitPrice },
  { name: 'priceTotal', type: 'DOUBLE', value: (event) => event.priceTotal },
];

/** Writes the same events as a file of any format. */
export function writeEvents(path: string, format: FileFormat, events: readonly RetailEvent[]): void {
  switch (format) {
    case 'ndjson':
      return writeFileSync(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    case 'csv':
      return writeFileSync(path, [COLUMNS.map(({ name }) => name), ...events.map(cells)].map(csvLine).join(''));
    case 'parquet':
      return writeFileSync(path, parquet(events));
  }
}

function cells(event: RetailEvent): readonly string[] {
  return COLUMNS.map(({ value }) => {
    const cell = value(event);
    return cell === undefined ? '' : typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
  });
}

function csvLine(line: readonly string[]): string {
  return `${line.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;
}

/** Snappy and dictionaries, as writers of Parquet do it by default. */
function parquet(events: readonly RetailEvent[]): Buffer {
  const columnData = COLUMNS.map(({ name, type, value }) => ({
    name,
    type,
    data: events.map((event) => {
      const cell = value(event);
      return type === 'INT64' ? BigInt(cell as number) : cell;
    }),
  }));
  return Buffer.from(parquetWriteBuffer({ columnData, codec: 'SNAPPY' }));
}
