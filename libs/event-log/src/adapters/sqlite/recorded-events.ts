import type { Statement } from 'better-sqlite3';

import type { JsonObject } from '#core';

import type { ClientIdHash, RecordedEvent } from '../../event-log.js';
import { unpackIds } from './id-bytes.js';
import type { Connection } from './log-file.js';
import { toPosition } from './positions.js';

/** Columns of an event joined with its run and its stream; what `EventRow` types. */
export const EVENT_COLUMNS =
  'e.position, s.name, r.revision + e.position - r.position, r.type, e.data, e.client_id, e.metadata';

export type EventRow = [
  position: number,
  stream: string,
  revision: number,
  type: number,
  data: string,
  clientId: Buffer | null,
  metadata: string | null,
];

/** Where in a row. */
export const POSITION = 0;
export const REVISION = 2;
export const DATA = 4;

/** What the events of one append share. */
interface Append {
  readonly first: number;
  readonly last: number;
  readonly metadata: JsonObject;
  readonly idAt: (index: number) => string;
}

interface AppendRow {
  readonly position: number;
  readonly count: number;
  readonly metadata: string;
  readonly ids: Buffer;
}

/** Makes events of rows. Looks up what rows share once: events come in the order of their appends. */
export class RecordedEvents {
  readonly #types = new Map<number, string>();
  readonly #typeName: Statement<[number], string>;
  readonly #appendAt: Statement<[number], AppendRow>;
  #append: Append = { first: 0, last: 0, metadata: {}, idAt: () => '' };

  constructor(db: Connection) {
    this.#typeName = db.prepare<[number], string>('SELECT name FROM types WHERE key = ?').pluck();
    this.#appendAt = db.prepare(
      'SELECT position, count, metadata, ids FROM appends WHERE position <= ? ORDER BY position DESC LIMIT 1',
    );
  }

  fromRow([position, stream, revision, type, data, clientId, metadata]: EventRow): RecordedEvent {
    const append = this.#appendOf(position);
    return {
      position: toPosition(position),
      stream,
      revision,
      id: append.idAt(position - append.first),
      type: this.#nameOfType(type),
      data,
      metadata: metadata === null ? append.metadata : merged(append.metadata, metadata),
      ...(clientId !== null && { clientId: hashes(clientId) }),
    };
  }

  #nameOfType(key: number): string {
    let name = this.#types.get(key);
    if (name === undefined) {
      name = this.#typeName.get(key) ?? '';
      this.#types.set(key, name);
    }
    return name;
  }

  #appendOf(position: number): Append {
    if (position >= this.#append.first && position <= this.#append.last) return this.#append;
    const row = this.#appendAt.get(position);
    if (row === undefined) throw new Error(`event ${position} belongs to no append`);
    const metadata = JSON.parse(row.metadata) as JsonObject;
    this.#append = {
      first: row.position,
      last: row.position + row.count - 1,
      // Shared by all events of the append that have no metadata of their own.
      metadata: Object.freeze(metadata),
      idAt: unpackIds(row.ids, row.count),
    };
    return this.#append;
  }
}

/** Spread defines own members, also one called `__proto__`. */
function merged(common: JsonObject, own: string): JsonObject {
  return { ...common, ...(JSON.parse(own) as JsonObject) };
}

function hashes(bytes: Buffer): ClientIdHash {
  const hex = bytes.toString('hex');
  return { idHash: hex.slice(0, 32), contentHash: hex.slice(32) };
}
