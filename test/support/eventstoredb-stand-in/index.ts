export { callError, type CallError } from './call-errors.js';
export type { StandInCounters } from './counters.js';
export type { DiscoveryFailure, FaultScope, Refusal, StandInFaults } from './faults.js';
export { startEventStoreDbStandIn, type EventStoreDbStandIn } from './stand-in.js';
