import { describe } from '@jest/globals';

import { appendContract } from './event-log-append.contract.js';
import { closeContract } from './event-log-close.contract.js';
import { appendLimitsContract } from './event-log-limits.contract.js';
import { modelContract } from './event-log-model.contract.js';
import { readContract } from './event-log-read.contract.js';
import { subscribeContract } from './event-log-subscribe.contract.js';
import type { EventLogFactory } from './event-log-under-test.js';

/**
 * What every `EventLog` adapter must do, field by field and error by error. The log that the factory opens may hold
 * other streams already and others may write to it meanwhile, as on a server: each test has names of its own.
 */
export function eventLogContract(name: string, factory: EventLogFactory): void {
  describe(`the event log contract on ${name}`, () => {
    appendContract(factory);
    appendLimitsContract(factory);
    readContract(factory);
    subscribeContract(factory);
    closeContract(factory);
    modelContract(factory);
  });
}
