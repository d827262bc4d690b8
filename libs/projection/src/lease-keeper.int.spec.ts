import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { TesseraError } from '#core';
import type { Lease, LeaseStore } from '#read-store';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../test/support/embedded-engines.js';
import { LeaseKeeper, type HeldLease } from './lease-keeper.js';

/** Short, so that the specs are quick; all else follows from it. */
const TERM = 200;

describe('the keeper of a lease', () => {
  let engines: EmbeddedEngines;
  let stop: AbortController;
  const ends: Promise<unknown>[] = [];

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await Promise.allSettled(ends.splice(0));
    await engines.dispose();
  });

  function keeper(holder: string, store: LeaseStore = engines.store): LeaseKeeper {
    return new LeaseKeeper({ store, name: 'projector', holder, termMilliseconds: TERM });
  }

  /** Holds until the lease is lost or the spec ends; resolves once it has it. */
  function holding(holder: string, store?: LeaseStore): Promise<HeldLease> {
    return new Promise((begun, failed) => {
      const end = keeper(holder, store).hold(stop.signal, async (held) => {
        begun(held);
        await aborted(held.signal);
      });
      ends.push(end);
      end.catch(failed);
    });
  }

  it('lets one work at a time', async () => {
    const first = await holding('one');
    let second: HeldLease | undefined;
    void holding('two').then((held) => (second = held));
    await beats(engines.store, 8);
    expect(second).toBeUndefined();
    expect(first.signal.aborted).toBe(false);
  });

  it('gives the lease to who waits as soon as the work is done', async () => {
    let finish: () => void = () => undefined;
    const working = new Promise<void>((resolve) => (finish = resolve));
    const first = keeper('one').hold(stop.signal, () => working);
    const second = holding('two');
    finish();
    expect(await first).toBe(true);
    expect((await second).token).toBe(2);
  });

  it('takes over from a holder who no longer beats, under a higher token', async () => {
    const first = await holding('one', silent(engines.store));
    const second = await holding('two');
    expect(second.token).toBeGreaterThan(first.token);
    // Whether or not its own beats fail, it has stopped by then.
    expect(first.signal.aborted).toBe(true);
  });

  it('takes it at once under the name that holds it: whoever had that name is dead', async () => {
    await engines.store.takeLease('projector', undefined, 'one');
    expect((await holding('one')).token).toBe(2);
  });

  it('tells a holder who slept through his term that the lease is gone', async () => {
    const first = await holding('one');
    const seen = await engines.store.lease('projector');
    await engines.store.takeLease('projector', seen, 'two');
    await aborted(first.signal);
    expect(first.signal.reason).toMatchObject({ code: 'FENCED' });
  });

  it('keeps the lease over a beat whose answer got lost', async () => {
    let lost = 0;
    const first = await holding('one', {
      ...bound(engines.store),
      renewLease: async (name, held) => {
        const renewed = await engines.store.renewLease(name, held);
        lost += 1;
        if (lost === 1) throw new TesseraError('STORE_UNAVAILABLE', 'the answer got lost');
        return renewed;
      },
    });
    await beats(engines.store, 8);
    expect(lost).toBeGreaterThan(1);
    expect(first.signal.aborted).toBe(false);
  });

  it('waits for a store that is away', async () => {
    let asked = 0;
    const held = await holding('one', {
      ...bound(engines.store),
      lease: async (name) => {
        asked += 1;
        if (asked < 3) throw new TesseraError('STORE_UNAVAILABLE', 'not yet');
        return engines.store.lease(name);
      },
    });
    expect(held.token).toBe(1);
  });

  it('gives up waiting when it is stopped, and the lease is untouched', async () => {
    await engines.store.takeLease('projector', undefined, 'one');
    const controller = new AbortController();
    const waiting = keeper('two').hold(controller.signal, async () => undefined);
    controller.abort();
    expect(await waiting).toBe(false);
    expect(await engines.store.lease('projector')).toMatchObject({ holder: 'one', epoch: 1 });
  });

  it('throws what the work throws, and gives the lease back', async () => {
    const failing = keeper('one').hold(stop.signal, async () => {
      throw new Error('no luck');
    });
    await expect(failing).rejects.toThrow('no luck');
    expect(await engines.store.lease('projector')).toMatchObject({ holder: '' });
  });
});

function bound(store: LeaseStore): LeaseStore {
  return {
    lease: (name) => store.lease(name),
    takeLease: (name, seen, holder) => store.takeLease(name, seen, holder),
    renewLease: (name, held) => store.renewLease(name, held),
    releaseLease: (name, held) => store.releaseLease(name, held),
  };
}

/** A holder that is cut off: no beat gets through, nor the release at the end. */
function silent(store: LeaseStore): LeaseStore {
  const away = async (): Promise<never> => {
    throw new TesseraError('STORE_UNAVAILABLE', 'cut off');
  };
  return { ...bound(store), renewLease: away, releaseLease: away };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Waits until the holder has raised its beat so many times: two terms' worth. */
async function beats(store: LeaseStore, wanted: number): Promise<void> {
  let lease: Lease | undefined;
  do {
    await new Promise((resolve) => setTimeout(resolve, TERM / 20));
    lease = await store.lease('projector');
  } while ((lease?.beat ?? 0) < wanted);
}
