import type { StandInCounters } from './counters.js';
import { newCounters } from './counters.js';
import { FaultSwitches } from './fault-switches.js';
import type { StandInFaults } from './faults.js';
import { Listener } from './listener.js';
import { scavenge } from './scavenge.js';
import { StoredLog } from './stored-log.js';
import { writeSystemEvents } from './system-events.js';

/**
 * A server that speaks to `@eventstore/db-client` as EventStoreDB 24.6 does, for what an event log needs of it. Keeps
 * its data in memory. For tests only: no security, no persistent subscriptions, no projections.
 */
export interface EventStoreDbStandIn {
  /** `esdb://127.0.0.1:port?tls=false` */
  readonly url: string;
  /** The same server, found through gossip. */
  readonly discoverUrl: string;
  readonly faults: StandInFaults;
  readonly counters: Readonly<StandInCounters>;
  /** Ends every connection at once and stops listening, as kill -9 would; data stay. */
  kill(): Promise<void>;
  /**
   * Listens again on the same port with the same data. `forgetIds` (default true): the memory of ids for appends that
   * expect `any` is empty, as after a restart of the real server.
   */
  restart(options?: { readonly forgetIds?: boolean }): Promise<void>;
  /** Removes from `$all` what was deleted, at once. */
  scavenge(): void;
  /** Writes events into streams of the server itself, as its statistics do: the head of `$all` moves. */
  writeSystemEvents(count: number): void;
  stop(): Promise<void>;
}

export async function startEventStoreDbStandIn(): Promise<EventStoreDbStandIn> {
  const counters = newCounters();
  const log = new StoredLog();
  const listener = new Listener(counters);
  const faults = new FaultSwitches(() => listener.cutConnections());
  let port = 0;
  const context = { log, faults, counters, port: () => port };
  // A new server has written into `$all` before anybody else.
  writeSystemEvents(log, 5);
  port = await listener.listen(context, 0);

  const kill = async (): Promise<void> => {
    await listener.close();
    // Those who waited find their connection gone, so nothing of theirs is done.
    faults.thaw();
  };
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    discoverUrl: `esdb+discover://127.0.0.1:${port}?tls=false`,
    faults,
    counters,
    kill,
    async restart({ forgetIds = true } = {}) {
      await kill();
      if (forgetIds) log.forgetIds();
      await listener.listen(context, port);
    },
    scavenge: () => scavenge(log),
    writeSystemEvents: (count) => writeSystemEvents(log, count),
    stop: kill,
  };
}
