import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { PROJECTOR_LEASE } from '#projection';
import type { Lease } from '#read-store';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { LeaseWatch } from './lease-watch.js';

describe('the watch over the lease', () => {
  let engines: EmbeddedEngines;
  let watch: LeaseWatch;
  let now = 0;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
    watch = new LeaseWatch(engines.store);
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await engines.dispose();
  });

  const taken = async (): Promise<Lease> => {
    const lease = await engines.store.takeLease(PROJECTOR_LEASE, await engines.store.lease(PROJECTOR_LEASE), 'one');
    if (lease === undefined) throw new Error('not taken');
    return lease;
  };

  it('says that none has ever worked', async () => {
    expect(await watch.reason()).toContain('ever');
  });

  it('is content while the beat moves, and for the time of a takeover afterwards', async () => {
    const held = await taken();
    expect(await watch.reason()).toBeUndefined();
    now = 19_000;
    expect(await watch.reason()).toBeUndefined();
    await engines.store.renewLease(PROJECTOR_LEASE, held);
    now = 25_000;
    expect(await watch.reason()).toBeUndefined();
    now = 44_000;
    expect(await watch.reason()).toBeUndefined();
  });

  it('says for how long nobody was seen', async () => {
    await taken();
    await watch.reason();
    now = 31_000;
    expect(await watch.reason()).toBe('no projector works: the last one was seen 31 s ago');
  });

  it('is content again once somebody has taken over', async () => {
    await taken();
    await watch.reason();
    now = 31_000;
    await taken();
    expect(await watch.reason()).toBeUndefined();
  });

  it('says that the last one has gone home', async () => {
    await engines.store.releaseLease(PROJECTOR_LEASE, await taken());
    expect(await watch.reason()).toContain('has stopped');
  });
});
