import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';

import type { Expected } from './append-check.js';
import { appendTooLarge, streamDeleted, unavailable } from './call-errors.js';
import { expectedOf } from './expected-revision.js';
import { MAX_APPEND_BYTES } from './limits.js';
import { proposedOf } from './proposed-event.js';
import { shared, streamNameOf, streams } from './protocol.js';
import { refusalError } from './refusal-errors.js';
import type { ServiceContext } from './service-context.js';
import type { ProposedEvent } from './stored-event.js';
import type { Written } from './stored-log.js';

interface Append {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly ProposedEvent[];
  readonly bytes: number;
}

type Call = ServerReadableStream<AppendReq, AppendResp>;

/** One call for one append: what the client uses when it sends credentials with each call. */
export async function append(context: ServiceContext, call: Call, answer: sendUnaryData<AppendResp>): Promise<void> {
  const { log, faults, counters } = context;
  const received = await receive(call);
  await faults.ready('append');
  if (call.cancelled) return;
  counters.appends += 1;
  counters.appendedEvents += received.events.length;
  counters.appendedBytes += received.bytes;
  if (received.bytes > MAX_APPEND_BYTES) return answer(appendTooLarge());
  const refusal = faults.takeRefusal('append');
  if (refusal !== undefined) return answer(refusalError(refusal));
  const fault = faults.takeAppendFault();
  if (fault === 'lose-and-cut') return faults.cutConnections();
  const written = log.append(received.stream, received.expected, received.events);
  if (fault === 'write-and-cut') faults.cutConnections();
  else if (fault === 'write-and-fail') answer(unavailable());
  else if (fault === 'write-and-stay-silent') return;
  else if (written.kind === 'deleted') answer(streamDeleted(received.stream));
  else answer(null, toResponse(received.expected, written));
}

async function receive(call: Call): Promise<Append> {
  let stream = '';
  let expected: Expected = 'any';
  let bytes = 0;
  const events: ProposedEvent[] = [];
  for await (const request of call as AsyncIterable<AppendReq>) {
    const options = request.getOptions();
    if (options !== undefined) {
      stream = streamNameOf(options.getStreamIdentifier());
      expected = expectedOf(options, () => options.getRevision());
    }
    const message = request.getProposedMessage();
    if (message === undefined) continue;
    const event = proposedOf(message);
    events.push(event);
    bytes += event.data.length;
  }
  return { stream, expected, events, bytes };
}

function toResponse(expected: Expected, written: Exclude<Written, { kind: 'deleted' }>): AppendResp {
  const response = new streams.AppendResp();
  if (written.kind === 'refused') return response.setWrongExpectedVersion(mismatch(expected, written.current));
  const success = new streams.AppendResp.Success();
  if (written.revision < 0n) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(written.revision.toString());
  if (written.position === undefined) return response.setSuccess(success.setNoPosition(new shared.Empty()));
  const position = new streams.AppendResp.Position();
  position.setCommitPosition(written.position.toString());
  position.setPreparePosition(written.position.toString());
  return response.setSuccess(success.setPosition(position));
}

function mismatch(expected: Expected, current: bigint): AppendResp.WrongExpectedVersion {
  const message = new streams.AppendResp.WrongExpectedVersion();
  const empty = new shared.Empty();
  if (expected === 'any') message.setExpectedAny(empty);
  else if (expected === 'no_stream') message.setExpectedNoStream(empty);
  else if (expected === 'stream_exists') message.setExpectedStreamExists(empty);
  else message.setExpectedRevision(expected.toString());
  if (current < 0n) return message.setCurrentNoStream(empty);
  return message.setCurrentRevision(current.toString());
}
