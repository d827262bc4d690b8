import { shared, streams, toStreamIdentifier } from './protocol.js';
import type { LogPosition, StoredEvent } from './stored-event.js';

const PREFIX_BYTES = 5;
const encodedEvents = new WeakMap<StoredEvent, Buffer>();

/** Encoded once per event, however often it is read. */
export function eventResponse(event: StoredEvent): Buffer {
  const known = encodedEvents.get(event);
  if (known !== undefined) return known;
  const read = new streams.ReadResp.ReadEvent();
  read.setEvent(recorded(event));
  read.setCommitPosition(event.position.toString());
  const encoded = toBytes(new streams.ReadResp().setEvent(read));
  encodedEvents.set(event, encoded);
  return encoded;
}

function recorded(event: StoredEvent): InstanceType<typeof streams.ReadResp.ReadEvent.RecordedEvent> {
  const message = new streams.ReadResp.ReadEvent.RecordedEvent();
  message.setId(new shared.UUID().setString(event.id));
  message.setStreamIdentifier(toStreamIdentifier(event.stream));
  message.setStreamRevision(event.revision.toString());
  message.setCommitPosition(event.position.toString());
  message.setPreparePosition(event.position.toString());
  message.getMetadataMap().set('type', event.type);
  message.getMetadataMap().set('created', event.created);
  message.getMetadataMap().set('content-type', event.contentType);
  message.setCustomMetadata(event.metadata);
  message.setData(event.data);
  return message;
}

export function streamNotFoundResponse(stream: string): Buffer {
  const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(toStreamIdentifier(stream));
  return toBytes(new streams.ReadResp().setStreamNotFound(missing));
}

export function confirmationResponse(subscriptionId: string): Buffer {
  const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId);
  return toBytes(new streams.ReadResp().setConfirmation(confirmation));
}

export function checkpointResponse({ commit, prepare }: LogPosition): Buffer {
  const checkpoint = new streams.ReadResp.Checkpoint();
  // Before everything is -1, which the server sends as the largest number there is.
  checkpoint.setCommitPosition(BigInt.asUintN(64, commit).toString());
  checkpoint.setPreparePosition(BigInt.asUintN(64, prepare).toString());
  return toBytes(new streams.ReadResp().setCheckpoint(checkpoint));
}

export function caughtUpResponse(): Buffer {
  return toBytes(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
}

/** With the prefix of gRPC: not compressed, and the length. Several of them one after the other may be written at once. */
function toBytes(message: { serializeBinary(): Uint8Array }): Buffer {
  const body = message.serializeBinary();
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + body.length);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(body.length, 1);
  framed.set(body, PREFIX_BYTES);
  return framed;
}

/**
 * Hands messages that have their prefix already to grpc-js, which sets aside room for one prefix, writes it and has the
 * message copied behind it: the copy begins at the prefix instead. One write for many events costs far less than one each.
 */
export function asSerialized(framed: Buffer): Buffer {
  const carrier = { byteLength: framed.length - PREFIX_BYTES, copy: (target: Buffer) => framed.copy(target, 0) };
  return carrier as unknown as Buffer;
}
