import { createRequire } from 'node:module';

import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import serverFeatures from '@eventstore/db-client/generated/serverfeatures_pb.js';
import serverFeaturesService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';

// The client's own generated code: what it cannot read, the stand-in cannot write.
export { gossip, gossipService, serverFeatures, serverFeaturesService, shared, statuses, streams, streamsService };

/** `google.protobuf.Any`, from the runtime that the generated code itself uses. */
export interface PackedMessage {
  pack(serialized: Uint8Array, typeName: string): void;
}

const ofClient = createRequire(createRequire(import.meta.url).resolve('@eventstore/db-client'));
const wellKnown = ofClient('google-protobuf/google/protobuf/any_pb.js') as { Any: new () => PackedMessage };

export function packed(message: { serializeBinary(): Uint8Array }, typeName: string): PackedMessage {
  const any = new wellKnown.Any();
  any.pack(message.serializeBinary(), typeName);
  return any;
}

export function streamNameOf(identifier: { getStreamName_asU8(): Uint8Array } | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

export function toStreamIdentifier(stream: string): InstanceType<typeof shared.StreamIdentifier> {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8'));
}
