import type { Statement } from 'better-sqlite3';

import { TesseraError } from '#core';

import type { ReadStreamOptions, RecordedEvent, StreamSlice } from '../../event-log.js';
import { openForReading, type Connection } from './log-file.js';
import { HEAD } from './log-tables.js';
import { DATA, EVENT_COLUMNS, POSITION, RecordedEvents, REVISION, type EventRow } from './recorded-events.js';
import { toLogError } from './sqlite-errors.js';
import { FIND_STREAM, LAST_REVISION } from './stream-table.js';

const DEFAULT_LIMIT = 1_000;
/** A slice ends after about this many bytes of data, whatever its limit. */
const SLICE_BYTES = 8 * 1_024 * 1_024;
/** A page looks at this many positions at most, so that leaving out many events does not hold up the thread. */
const SCANNED_POSITIONS = 10_000;

export interface PageRequest {
  /** Exclusive. */
  readonly after: number;
  readonly prefixes: readonly string[];
  readonly size: number;
  readonly bytes: number;
}

export interface LogPage {
  readonly events: readonly RecordedEvent[];
  /** Everything up to here was looked at. */
  readonly until: number;
  readonly head: number;
}

/** Reads from a connection of its own, which never waits for the writer. Nothing stays open between two calls. */
export class LogReader {
  readonly #db: Connection;
  readonly #records: RecordedEvents;
  readonly #head: Statement<[], number>;
  readonly #findStream: Statement<[string, string], { key: number }>;
  readonly #lastRevision: Statement<[number], number>;
  readonly #forwards: Statement<[StreamBounds], EventRow>;
  readonly #backwards: Statement<[StreamBounds], EventRow>;

  constructor(file: string) {
    this.#db = openForReading(file);
    this.#records = new RecordedEvents(this.#db);
    this.#head = this.#db.prepare<[], number>(HEAD).pluck();
    this.#findStream = this.#db.prepare(FIND_STREAM);
    this.#lastRevision = this.#db.prepare<[number], number>(LAST_REVISION).pluck();
    this.#forwards = this.#db.prepare<[StreamBounds], EventRow>(FORWARDS).raw();
    this.#backwards = this.#db.prepare<[StreamBounds], EventRow>(BACKWARDS).raw();
  }

  head(): number {
    return this.#attempt(() => this.#head.get() ?? 0);
  }

  /** One snapshot: what is answered was there at one moment. */
  readStream(stream: string, options: ReadStreamOptions): StreamSlice {
    return this.#attempt(() => this.#db.transaction(() => this.#readStream(stream, options))());
  }

  #readStream(name: string, { from, direction = 'forwards', limit = DEFAULT_LIMIT }: ReadStreamOptions): StreamSlice {
    const stream = this.#findStream.get(name, name);
    const last = stream && this.#lastRevision.get(stream.key);
    if (stream === undefined || last === undefined) return { exists: false, events: [] };
    const rows =
      direction === 'forwards'
        ? this.#forwards.iterate({ stream: stream.key, from: from ?? 0 })
        : this.#backwards.iterate({ stream: stream.key, from: from ?? last });
    const { events, next } = take(rows, this.#records, limit, SLICE_BYTES);
    return { exists: true, events, ...(next !== undefined && { next: next[REVISION] }) };
  }

  /** The selection to give to `page`: prepared once per subscription. */
  select(prefixes: readonly string[]): PageStatement {
    return this.#attempt(() => this.#db.prepare<unknown[], EventRow>(pageSql(prefixes.length)).raw());
  }

  page(selection: PageStatement, { after, prefixes, size, bytes }: PageRequest): LogPage {
    return this.#attempt(() => {
      const head = this.#head.get() ?? 0;
      const end = Math.min(head, after + Math.max(size, SCANNED_POSITIONS));
      const rows = selection.iterate({ after, end }, ...prefixes);
      const { events, next } = take(rows, this.#records, size, bytes);
      // What lies between the last event of the page and the next one that belongs into it was looked at.
      return { events, until: next === undefined ? Math.max(after, end) : next[POSITION] - 1, head };
    });
  }

  close(): void {
    this.#db.close();
  }

  #attempt<T>(read: () => T): T {
    if (!this.#db.open) throw new TesseraError('LOG_UNAVAILABLE', 'The event log is closed');
    try {
      return read();
    } catch (error) {
      throw toLogError(error);
    }
  }
}

interface Taken {
  readonly events: readonly RecordedEvent[];
  /** The row that would have been one too many. */
  readonly next?: EventRow;
}

/** Stops after `limit` events, or when they hold `bytes` of data; takes one at least, where there is one. */
function take(rows: Iterable<EventRow>, records: RecordedEvents, limit: number, bytes: number): Taken {
  const events: RecordedEvent[] = [];
  let taken = 0;
  for (const row of rows) {
    if (events.length >= limit || taken >= bytes) return { events, next: row };
    events.push(records.fromRow(row));
    taken += row[DATA].length;
  }
  return { events };
}

export type PageStatement = Statement<unknown[], EventRow>;

interface StreamBounds {
  readonly stream: number;
  readonly from: number;
}

// CROSS JOIN keeps the order of the loops: run by run along an index, then the events of each.
const FORWARDS = `
  SELECT ${EVENT_COLUMNS} FROM runs r CROSS JOIN streams s ON s.key = r.stream CROSS JOIN events e
  WHERE r.stream = :stream
    AND r.revision >= ifnull((SELECT max(revision) FROM runs WHERE stream = :stream AND revision <= :from), 0)
    AND e.position BETWEEN r.position + max(0, :from - r.revision) AND r.position + r.count - 1
  ORDER BY r.revision, e.position`;

const BACKWARDS = `
  SELECT ${EVENT_COLUMNS} FROM runs r CROSS JOIN streams s ON s.key = r.stream CROSS JOIN events e
  WHERE r.stream = :stream AND r.revision <= :from
    AND e.position BETWEEN r.position AND r.position + min(r.count - 1, :from - r.revision)
  ORDER BY r.revision DESC, e.position DESC`;

/** Runs are left out before their events are looked at. No prefix selects nothing. */
function pageSql(prefixes: number): string {
  const selected = Array.from({ length: prefixes }, () => 'instr(s.name, ?) = 1').join(' OR ');
  return `
    SELECT ${EVENT_COLUMNS} FROM runs r CROSS JOIN streams s ON s.key = r.stream CROSS JOIN events e
    WHERE r.position BETWEEN ifnull((SELECT max(position) FROM runs WHERE position <= :after + 1), 0) AND :end
      AND (${selected || 'FALSE'})
      AND e.position BETWEEN max(r.position, :after + 1) AND min(r.position + r.count - 1, :end)
    ORDER BY r.position, e.position`;
}
