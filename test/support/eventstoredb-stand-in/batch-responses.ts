import { status } from '@grpc/grpc-js';

import type { Expected } from './append-check.js';
import { MAX_APPEND_BYTES } from './limits.js';
import { packed, shared, statuses, streams, toStreamIdentifier } from './protocol.js';
import type { Written } from './stored-log.js';

/** An append as it stands in the table of those begun on one batch call. */
export interface BegunAppend {
  readonly correlationId: InstanceType<typeof shared.UUID> | undefined;
  readonly stream: string;
  readonly expected: Expected;
}

export type BatchResponse = InstanceType<typeof streams.BatchAppendResp>;
export type BatchStatus = InstanceType<typeof statuses.Status>;

export function batchResponse(append: BegunAppend, written: Written): BatchResponse {
  if (written.kind === 'refused') return batchFailure(append, wrongExpectedVersion(append.expected, written.current));
  if (written.kind === 'deleted') return batchFailure(append, streamDeleted(append.stream));
  const success = new streams.BatchAppendResp.Success();
  if (written.revision < 0n) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(written.revision.toString());
  if (written.position === undefined) success.setNoPosition(new shared.Empty());
  else success.setPosition(allPosition(written.position));
  return responseTo(append).setSuccess(success);
}

export function batchFailure(append: BegunAppend, failure: BatchStatus): BatchResponse {
  return responseTo(append).setError(failure);
}

function responseTo({ correlationId, stream }: BegunAppend): BatchResponse {
  const response = new streams.BatchAppendResp();
  response.setCorrelationId(correlationId);
  response.setStreamIdentifier(toStreamIdentifier(stream));
  return response;
}

function allPosition(position: bigint): InstanceType<typeof shared.AllStreamPosition> {
  const message = new shared.AllStreamPosition();
  message.setCommitPosition(position.toString());
  message.setPreparePosition(position.toString());
  return message;
}

function wrongExpectedVersion(expected: Expected, current: bigint): BatchStatus {
  const details = new shared.WrongExpectedVersion();
  const empty = new shared.Empty() as never;
  if (expected === 'any') details.setExpectedAny(empty);
  else if (expected === 'no_stream') details.setExpectedNoStream(empty);
  else if (expected === 'stream_exists') details.setExpectedStreamExists(empty);
  else details.setExpectedStreamPosition(expected.toString());
  if (current < 0n) details.setCurrentNoStream(empty);
  else details.setCurrentStreamRevision(current.toString());
  return batchStatus(status.ALREADY_EXISTS, 'WrongExpectedVersion', details);
}

function streamDeleted(stream: string): BatchStatus {
  const details = new shared.StreamDeleted().setStreamIdentifier(toStreamIdentifier(stream));
  return batchStatus(status.NOT_FOUND, 'StreamDeleted', details);
}

export function appendTooLarge(): BatchStatus {
  const details = new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_BYTES);
  return batchStatus(status.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', details);
}

export function timeout(): BatchStatus {
  return batchStatus(status.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout());
}

export function accessDenied(): BatchStatus {
  return batchStatus(status.PERMISSION_DENIED, 'AccessDenied', new shared.AccessDenied());
}

/** For an event without a type, an id that is no UUID, or a stream without a name. */
export function badRequest(): BatchStatus {
  return batchStatus(status.INVALID_ARGUMENT, 'BadRequest', new shared.BadRequest());
}

/** What the server says with nothing but a message: not ready, busy. */
export function messageOnly(message: string): BatchStatus {
  const details = packed(new shared.Empty(), 'google.protobuf.Empty');
  return new statuses.Status().setMessage(message).setDetails(details as never);
}

// The codes of google.rpc.Status are those of gRPC.
function batchStatus(code: status, name: string, details: { serializeBinary(): Uint8Array }): BatchStatus {
  const failure = new statuses.Status();
  failure.setCode(code as never);
  failure.setMessage(name);
  return failure.setDetails(packed(details, `event_store.client.${name}`) as never);
}
