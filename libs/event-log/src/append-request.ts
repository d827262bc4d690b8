/// <reference lib="es2024.string" />
import { TesseraError } from '#core';

import type { AppendRequest, ExpectedRevision, NewEvent, StreamWrite } from './event-log.js';

/**
 * UTF-8 bytes of one event's data at most. EventStoreDB takes 1,048,576 bytes in an append, metadata and framing
 * included; every engine refuses what one of them could not keep, so that a log can move between them.
 */
export const MAX_EVENT_BYTES = 1_000_000;

/** A UTF-16 unit becomes three bytes of UTF-8 at most: shorter texts need not be measured. */
const SURELY_SMALL = Math.floor(MAX_EVENT_BYTES / 3);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{32}$/;

/**
 * What every adapter checks before it sends anything: `INVALID_REQUEST` when the request could not be kept as it is,
 * `EVENT_TOO_LARGE` when an event is over `MAX_EVENT_BYTES`. Answers about how many bytes of data it carries.
 */
export function checkAppendRequest({ writes }: AppendRequest): number {
  if (writes.length === 0) throw invalid('an append without writes');
  let bytes = 0;
  for (const write of writes) bytes += checkWrite(write);
  return bytes;
}

function checkWrite({ stream, expected, events }: StreamWrite): number {
  if (!isName(stream)) throw invalid('a write needs the name of its stream');
  if (!isExpectedRevision(expected)) throw invalid(`${stream}: no stream can be at revision ${expected}`);
  if (events.length === 0) throw invalid(`${stream}: a write without events`);
  let bytes = 0;
  for (const event of events) bytes += checkEvent(stream, event);
  return bytes;
}

function checkEvent(stream: string, { id, type, data, clientId }: NewEvent): number {
  if (!UUID.test(id)) throw invalid(`${stream}: an event id must be a UUID in lower case`);
  if (!isName(type)) throw invalid(`${stream}: event ${id} has no type`);
  if (clientId !== undefined && !(HASH.test(clientId.idHash) && HASH.test(clientId.contentHash))) {
    throw invalid(`${stream}: event ${id} has a client id that is not two hashes of 32 hexadecimal digits`);
  }
  // A lone surrogate has no UTF-8: the log would give back other data than it was given.
  if (!data.isWellFormed()) throw invalid(`${stream}: the data of event ${id} has a lone surrogate`);
  if (data.length > SURELY_SMALL && Buffer.byteLength(data) > MAX_EVENT_BYTES) {
    throw new TesseraError('EVENT_TOO_LARGE', `${stream}: event ${id} is over ${MAX_EVENT_BYTES} bytes`);
  }
  return data.length;
}

function isName(text: string): boolean {
  return text !== '' && text.isWellFormed();
}

function isExpectedRevision(expected: ExpectedRevision): boolean {
  return expected === 'any' || expected === 'none' || (Number.isSafeInteger(expected) && expected >= 0);
}

function invalid(what: string): TesseraError {
  return new TesseraError('INVALID_REQUEST', `The log does not take ${what}`);
}
