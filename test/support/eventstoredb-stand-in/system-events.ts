import { randomUUID } from 'node:crypto';

import type { StoredLog } from './stored-log.js';

const STATISTICS_STREAM = '$stats-127.0.0.1:2113';

/** What the real server writes about itself from time to time, for everybody who reads `$all` without a filter. */
export function writeSystemEvents(log: StoredLog, count: number): void {
  const contentType = 'application/json';
  const events = Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: '$statsCollected',
    contentType,
    data: Buffer.from('{}'),
    metadata: new Uint8Array(),
  }));
  log.append(STATISTICS_STREAM, 'any', events);
}
