import { status } from '@grpc/grpc-js';

import { callError, streamDeleted } from './call-errors.js';
import { READ_BATCH } from './limits.js';
import { drained, type ReadCall } from './read-call.js';
import { readRequestOf, type AllRead, type StreamRead } from './read-request.js';
import { eventResponse, streamNotFoundResponse } from './read-responses.js';
import { refusalError } from './refusal-errors.js';
import type { ServiceContext } from './service-context.js';
import type { StoredEvent } from './stored-event.js';
import type { StoredLog } from './stored-log.js';
import type { StoredStream } from './stored-stream.js';
import { Subscription } from './subscription.js';

export async function read(context: ServiceContext, call: ReadCall): Promise<void> {
  const { faults, counters, log } = context;
  await faults.ready('other');
  if (call.cancelled) return;
  const request = readRequestOf(call.request);
  if (request === undefined) {
    call.emit('error', callError(status.UNIMPLEMENTED, 'The stand-in has no subscription to one stream.'));
    return;
  }
  const refusal = faults.takeRefusal('other');
  if (refusal !== undefined) {
    call.emit('error', refusalError(refusal));
    return;
  }
  if (request.kind === 'subscription') return new Subscription(context, call, request).run();
  counters.reads += 1;
  await (request.kind === 'all' ? send(call, eventsOfAll(log, request)) : readStream(log, call, request));
}

async function readStream(log: StoredLog, call: ReadCall, request: StreamRead): Promise<void> {
  if (request.from === 'end' && !request.backwards) {
    call.emit('error', callError(status.UNKNOWN, 'Unexpected ReadStreamResult: Error'));
    return;
  }
  const stream = log.find(request.stream);
  if (stream?.tombstoned === true) {
    call.emit('error', streamDeleted(request.stream));
    return;
  }
  if (stream === undefined || stream.last < 0n || stream.softDeleted) {
    call.write(streamNotFoundResponse(request.stream));
    call.end();
    return;
  }
  await send(call, eventsOfStream(stream, request));
}

function* eventsOfStream(stream: StoredStream, { from, backwards, count }: StreamRead): Generator<StoredEvent> {
  const step = backwards ? -1n : 1n;
  let left = count;
  for (
    let at = firstRevision(stream, from, backwards);
    at >= stream.first && at <= stream.last && left > 0;
    at += step
  ) {
    const event = stream.at(at);
    if (event === undefined) continue;
    left -= 1;
    yield event;
  }
}

function firstRevision(stream: StoredStream, from: StreamRead['from'], backwards: boolean): bigint {
  if (backwards)
    return from === 'end' || (from !== 'start' && from > stream.last) ? stream.last : from === 'start' ? 0n : from;
  if (from === 'end') return stream.last + 1n;
  return from === 'start' || from < stream.first ? stream.first : from;
}

function* eventsOfAll(log: StoredLog, { from, backwards, count }: AllRead): Generator<StoredEvent> {
  let left = count;
  if (backwards) {
    // Reading backwards, a position is the end of a record: what begins there is not read.
    for (let index = firstBackwards(log, from); index >= 0 && left > 0; index -= 1, left -= 1) yield* at(log, index);
    return;
  }
  const first = from === 'start' ? 0 : from === 'end' ? log.size : log.indexFrom(from);
  for (let index = first; index < log.size && left > 0; index += 1, left -= 1) yield* at(log, index);
}

function firstBackwards(log: StoredLog, from: AllRead['from']): number {
  if (from === 'start') return -1;
  return (from === 'end' ? log.size : log.indexFrom(from)) - 1;
}

function* at(log: StoredLog, index: number): Generator<StoredEvent> {
  const event = log.at(index);
  if (event !== undefined) yield event;
}

async function send(call: ReadCall, events: Iterable<StoredEvent>): Promise<void> {
  let group: Buffer[] = [];
  for (const event of events) {
    if (call.cancelled) return;
    if (group.push(eventResponse(event)) < READ_BATCH) continue;
    const full = !call.write(Buffer.concat(group));
    group = [];
    if (full) await drained(call);
  }
  if (group.length > 0) call.write(Buffer.concat(group));
  call.end();
}
