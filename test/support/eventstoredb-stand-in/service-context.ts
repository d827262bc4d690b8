import type { StandInCounters } from './counters.js';
import type { FaultSwitches } from './fault-switches.js';
import type { StoredLog } from './stored-log.js';

/** What every service of the stand-in works with. */
export interface ServiceContext {
  readonly log: StoredLog;
  readonly faults: FaultSwitches;
  readonly counters: StandInCounters;
  /** Where the stand-in listens. */
  readonly port: () => number;
}
