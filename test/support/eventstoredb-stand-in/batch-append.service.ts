import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream } from '@grpc/grpc-js';

import {
  accessDenied,
  appendTooLarge,
  badRequest,
  batchFailure,
  batchResponse,
  messageOnly,
  timeout,
  type BatchStatus,
  type BegunAppend,
} from './batch-responses.js';
import { unavailable } from './call-errors.js';
import { expectedOf } from './expected-revision.js';
import type { Refusal } from './faults.js';
import { MAX_APPEND_BYTES } from './limits.js';
import { proposedOf } from './proposed-event.js';
import { streamNameOf } from './protocol.js';
import type { ServiceContext } from './service-context.js';
import type { ProposedEvent } from './stored-event.js';

export type BatchCall = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;
type Arriving = BegunAppend & { readonly events: ProposedEvent[]; bytes: number };

/** One call of a client that carries all its appends, many in flight, told apart by their correlation ids. */
export function batchAppend(context: ServiceContext, call: BatchCall): void {
  const { faults } = context;
  const arriving = new Map<string, Arriving>();
  let before: Promise<void> | undefined;
  let waiting = 0;

  const handle = (request: BatchAppendReq): void => {
    if (!call.cancelled && call.writable) receive(context, call, arriving, request);
  };
  call.on('data', (request: BatchAppendReq) => {
    const ready = faults.ready('append');
    if (ready === undefined && waiting === 0) return handle(request);
    // Whatever waits keeps its place among the others of this call.
    waiting += 1;
    before = Promise.all([before, ready]).then(() => {
      waiting -= 1;
      handle(request);
    });
  });
  call.on('end', () => call.end());
  call.on('cancelled', () => arriving.clear());
}

function receive(
  { ...context }: ServiceContext,
  call: BatchCall,
  arriving: Map<string, Arriving>,
  request: BatchAppendReq,
): void {
  const id = request.getCorrelationId()?.getString() ?? '';
  const append = arriving.get(id) ?? begin(request);
  if (append === undefined) return;
  if (isPast(request)) {
    call.write(batchFailure(append, timeout()));
    return;
  }
  arriving.set(id, append);
  for (const message of request.getProposedMessagesList()) {
    const event = proposedOf(message);
    append.events.push(event);
    append.bytes += event.data.length;
  }
  const mistake = mistakeIn(append);
  if (mistake !== undefined) {
    arriving.delete(id);
    count(context, append);
    call.write(batchFailure(append, mistake));
    return;
  }
  if (!request.getIsFinal()) return;
  arriving.delete(id);
  count(context, append);
  write(context, call, append);
}

/** `undefined` for the rest of an append that was refused half-way. */
function begin(request: BatchAppendReq): Arriving | undefined {
  const options = request.getOptions();
  if (options === undefined) return undefined;
  return {
    correlationId: request.getCorrelationId(),
    stream: streamNameOf(options.getStreamIdentifier()),
    expected: expectedOf(options, () => options.getStreamPosition()),
    events: [],
    bytes: 0,
  };
}

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/;

/**
 * The real server answers a bad request a second time when its write timeout has passed, and the client throws where
 * nobody can catch it. Here one answer is enough.
 */
function mistakeIn({ stream, events, bytes }: Arriving): BatchStatus | undefined {
  if (stream === '' || events.some(({ id, type }) => type === '' || !UUID.test(id))) return badRequest();
  return bytes > MAX_APPEND_BYTES ? appendTooLarge() : undefined;
}

function isPast(request: BatchAppendReq): boolean {
  const deadline = request.getOptions()?.getDeadline();
  return deadline !== undefined && deadline.toDate().getTime() <= Date.now();
}

function count({ counters }: ServiceContext, { events }: Arriving): void {
  counters.appends += 1;
  counters.appendedEvents += events.length;
  for (const { data, metadata } of events) counters.appendedBytes += data.length + metadata.length;
}

function write({ log, faults }: ServiceContext, call: BatchCall, append: Arriving): void {
  const refusal = faults.takeRefusal('append');
  if (refusal !== undefined) {
    call.write(batchFailure(append, statusOf(refusal)));
    return;
  }
  const fault = faults.takeAppendFault();
  if (fault === 'lose-and-cut') return faults.cutConnections();
  const written = log.append(append.stream, append.expected, append.events);
  if (fault === undefined) call.write(batchResponse(append, written));
  else if (fault === 'write-and-cut') faults.cutConnections();
  else if (fault === 'write-and-fail') call.emit('error', unavailable());
}

function statusOf(refusal: Refusal): BatchStatus {
  if (refusal === 'timeout') return timeout();
  if (refusal === 'access-denied') return accessDenied();
  return messageOnly(refusal === 'not-ready' ? 'Server Is Not Ready' : 'Server Is Busy');
}
