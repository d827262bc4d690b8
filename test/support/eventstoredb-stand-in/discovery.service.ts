import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';

import { unavailable } from './call-errors.js';
import { gossip, serverFeatures, shared } from './protocol.js';
import type { ServiceContext } from './service-context.js';

const VERSION = '24.6.0';
const STREAMS = 'event_store.client.streams.streams';
const METHODS: Readonly<Record<string, readonly string[]>> = {
  append: [],
  batchappend: ['deadline_duration'],
  delete: [],
  read: ['position', 'events'],
  tombstone: [],
};

const INSTANCE = '5e0fa1de-0000-4000-8000-000000000001';
/** Nobody listens on the port for TCP port multiplexers. */
const UNREACHABLE_PORT = 1;

export async function supportedMethods(
  { faults }: ServiceContext,
  call: ServerUnaryCall<Empty, SupportedMethods>,
  answer: sendUnaryData<SupportedMethods>,
): Promise<void> {
  await faults.ready('other');
  if (call.cancelled) return;
  const methods = Object.entries(METHODS).map(([name, features]) => {
    const method = new serverFeatures.SupportedMethod().setServiceName(STREAMS).setMethodName(name);
    return method.setFeaturesList([...features]);
  });
  answer(null, new serverFeatures.SupportedMethods().setEventStoreServerVersion(VERSION).setMethodsList(methods));
}

/** A cluster of one. */
export async function clusterMembers(
  { faults, counters, port }: ServiceContext,
  call: ServerUnaryCall<Empty, ClusterInfo>,
  answer: sendUnaryData<ClusterInfo>,
): Promise<void> {
  counters.discoveries += 1;
  await faults.ready('other');
  if (call.cancelled) return;
  const failure = faults.takeDiscoveryFailure();
  if (failure === 'error') return answer(unavailable());
  const endPoint = new gossip.EndPoint().setAddress('127.0.0.1');
  endPoint.setPort(failure === 'unreachable-member' ? UNREACHABLE_PORT : port());
  const member = new gossip.MemberInfo();
  member.setInstanceId(new shared.UUID().setString(INSTANCE));
  member.setTimeStamp((BigInt(Date.now()) * 10_000n).toString());
  member.setState(gossip.MemberInfo.VNodeState.LEADER);
  member.setIsAlive(true);
  member.setHttpEndPoint(endPoint);
  answer(null, new gossip.ClusterInfo().setMembersList([member]));
}
