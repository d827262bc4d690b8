import type { DeleteReq, DeleteResp, TombstoneReq, TombstoneResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';

import type { Expected } from './append-check.js';
import { streamDeleted, wrongExpectedVersion, type CallError } from './call-errors.js';
import { expectedOf, toNumber } from './expected-revision.js';
import { streamNameOf, streams } from './protocol.js';
import { refusalError } from './refusal-errors.js';
import type { ServiceContext } from './service-context.js';
import type { Written } from './stored-log.js';

export async function deleteStream(
  { log, faults }: ServiceContext,
  call: ServerUnaryCall<DeleteReq, DeleteResp>,
  answer: sendUnaryData<DeleteResp>,
): Promise<void> {
  await faults.ready('other');
  if (call.cancelled) return;
  const { stream, expected } = targetOf(call.request);
  const refusal = faults.takeRefusal('other');
  if (refusal !== undefined) return answer(refusalError(refusal));
  const deleted = log.delete(stream, expected);
  if (deleted.kind !== 'written') return answer(errorOf(stream, expected, deleted));
  const position = new streams.DeleteResp.Position();
  position.setCommitPosition(String(deleted.position));
  position.setPreparePosition(String(deleted.position));
  answer(null, new streams.DeleteResp().setPosition(position));
}

export async function tombstoneStream(
  { log, faults }: ServiceContext,
  call: ServerUnaryCall<TombstoneReq, TombstoneResp>,
  answer: sendUnaryData<TombstoneResp>,
): Promise<void> {
  await faults.ready('other');
  if (call.cancelled) return;
  const { stream, expected } = targetOf(call.request);
  const refusal = faults.takeRefusal('other');
  if (refusal !== undefined) return answer(refusalError(refusal));
  const deleted = log.tombstone(stream, expected);
  if (deleted.kind !== 'written') return answer(errorOf(stream, expected, deleted));
  const position = new streams.TombstoneResp.Position();
  position.setCommitPosition(String(deleted.position));
  position.setPreparePosition(String(deleted.position));
  answer(null, new streams.TombstoneResp().setPosition(position));
}

function targetOf(request: DeleteReq | TombstoneReq): { readonly stream: string; readonly expected: Expected } {
  const options = request.getOptions();
  if (options === undefined) throw new Error('A delete without options');
  return {
    stream: streamNameOf(options.getStreamIdentifier()),
    expected: expectedOf(options, () => options.getRevision()),
  };
}

function errorOf(stream: string, expected: Expected, written: Exclude<Written, { kind: 'written' }>): CallError {
  if (written.kind === 'deleted') return streamDeleted(stream);
  return wrongExpectedVersion(stream, toNumber(expected), written.current);
}
