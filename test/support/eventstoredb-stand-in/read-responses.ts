import { shared, streams, toStreamIdentifier } from './protocol.js';
import type { LogPosition, StoredEvent } from './stored-event.js';

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

const toBytes = (message: { serializeBinary(): Uint8Array }): Buffer => Buffer.from(message.serializeBinary());
