import { setImmediate as turn } from 'node:timers/promises';
import { PassThrough } from 'node:stream';

import type { EventStoreDBClient } from '@eventstore/db-client';
import { describe, expect, it } from '@jest/globals';

import { POSITION_START } from '#core';

import { Feed } from './feed.js';

/** What the client hands on of an event. */
function resolved(revision: number) {
  const data = new TextEncoder().encode('{}');
  const position = { commit: BigInt(revision), prepare: 0n };
  return { event: { streamId: 's', revision: BigInt(revision), id: 'x', type: 'Some', data, metadata: {}, position } };
}

describe('a feed', () => {
  it('ends at an event that cannot be read: what was before it is handed out, nothing behind it', async () => {
    const queue = Object.assign(new PassThrough({ objectMode: true }), { unsubscribe: () => Promise.resolve() });
    const feed = new Feed({ subscribeToAll: () => queue } as unknown as EventStoreDBClient, POSITION_START, ['s']);
    queue.write(resolved(0));
    const broken = { event: { ...resolved(1).event, position: undefined } };
    queue.write(broken);
    await turn();
    queue.write(resolved(2));
    await turn();

    expect(feed.take()).toMatchObject({ kind: 'event', event: { revision: 0 } });
    expect(feed.take()).toBeUndefined();
    expect(feed.ended?.error).toMatchObject({ code: 'LOG_UNAVAILABLE' });
    feed.cancel();
  });
});
