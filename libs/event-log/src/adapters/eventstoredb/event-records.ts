import type { BinaryEventData, ResolvedEvent } from '@eventstore/db-client';

import { isJsonObject, TesseraError, type JsonObject, type JsonValue } from '#core';

import type { ClientIdHash, NewEvent, RecordedEvent } from '../../event-log.js';
import { knownPosition } from './positions.js';

/** The member of the metadata that keeps the two hashes of a client id, one behind the other. */
const CLIENT_ID = '$clientId';
const HASH_DIGITS = 32;
const CLIENT_ID_HASHES = /^[0-9a-f]{64}$/;
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

const utf8 = new TextEncoder();

/** Events of one request as the client takes them. */
export class EventEncoder {
  readonly #plain: string;
  readonly #plainBytes: Uint8Array;

  constructor(private readonly common: JsonObject) {
    this.#plain = metadataText(common);
    this.#plainBytes = utf8.encode(this.#plain);
  }

  /**
   * The data as bytes of UTF-8, so that the text comes back verbatim: as JSON the client would parse and print it anew.
   * Throws `INVALID_REQUEST` for what EventStoreDB could not give back.
   */
  encode({ id, type, data, metadata, clientId }: NewEvent): BinaryEventData {
    if (id === NIL_UUID) throw new TesseraError('INVALID_REQUEST', 'EventStoreDB does not take the nil UUID');
    return {
      id,
      type,
      contentType: 'application/octet-stream',
      data: utf8.encode(data),
      metadata: this.#metadata(metadata, clientId),
    };
  }

  #metadata(own: JsonObject | undefined, clientId: ClientIdHash | undefined): Uint8Array {
    if (own === undefined && clientId === undefined) return this.#plainBytes;
    const text = own === undefined ? this.#plain : metadataText({ ...this.common, ...own });
    return utf8.encode(clientId === undefined ? text : withClientId(text, clientId));
  }
}

function metadataText(metadata: JsonObject): string {
  if (Object.hasOwn(metadata, CLIENT_ID)) {
    throw new TesseraError('INVALID_REQUEST', `Metadata has no room for a member called ${CLIENT_ID}`);
  }
  return JSON.stringify(metadata);
}

/** One member more, in the text: to print all of them anew for every item of a request costs more than the item. */
function withClientId(metadata: string, { idHash, contentHash }: ClientIdHash): string {
  const before = metadata === '{}' ? '{' : `${metadata.slice(0, -1)},`;
  return `${before}"${CLIENT_ID}":${JSON.stringify(idHash + contentHash)}}`;
}

/** As the server counts it: UTF-16 for the type; metadata besides, which some versions count and some do not. */
export function bytesOf({ type, data, metadata }: BinaryEventData): number {
  return data.length + (metadata as Uint8Array).length + 2 * type.length;
}

/** What an event says, whoever wrote it. */
export function toRecordedEvent(resolved: ResolvedEvent): RecordedEvent {
  const { event } = resolved;
  const position = knownPosition(event?.position);
  if (event === undefined || position === undefined) {
    throw new TesseraError('LOG_UNAVAILABLE', 'EventStoreDB gives no positions: version 22.6 is the oldest that does');
  }
  const { metadata, clientId } = readMetadata(event.metadata as JsonValue | Uint8Array | undefined);
  return {
    position,
    stream: event.streamId,
    revision: Number(event.revision),
    id: event.id,
    type: event.type,
    data: textOf(event.data),
    metadata,
    ...(clientId !== undefined && { clientId }),
  };
}

/** Somebody else may have appended JSON, which the client has parsed. */
function textOf(data: unknown): string {
  if (!(data instanceof Uint8Array)) return JSON.stringify(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
}

function readMetadata(stored: JsonValue | Uint8Array | undefined): {
  readonly metadata: JsonObject;
  readonly clientId?: ClientIdHash;
} {
  if (stored === undefined || stored instanceof Uint8Array || !isJsonObject(stored)) return { metadata: {} };
  const { [CLIENT_ID]: hashes, ...metadata } = stored;
  if (typeof hashes !== 'string' || !CLIENT_ID_HASHES.test(hashes)) return { metadata: stored };
  return {
    metadata,
    clientId: { idHash: hashes.slice(0, HASH_DIGITS), contentHash: hashes.slice(HASH_DIGITS) },
  };
}
