import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AccessDeniedError,
  DeadlineExceededError,
  END,
  EventStoreDBClient,
  streamNameFilter,
  UnavailableError,
  UnknownError,
  type AllStreamSubscription,
} from '@eventstore/db-client';

import { collect, newPrefix, rejection, specEvents } from './server-under-test.js';
import { startEventStoreDbStandIn, type EventStoreDbStandIn } from './index.js';

const SOON = 150;
/** Whether the promise is settled within a moment. */
const settled = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), SOON)),
  ]);

describe('the faults of the stand-in', () => {
  let standIn: EventStoreDbStandIn;
  let client: EventStoreDBClient;
  let prefix: string;
  const clients: EventStoreDBClient[] = [];
  const connect = (url: string): EventStoreDBClient => {
    const opened = EventStoreDBClient.connectionString(url);
    clients.push(opened);
    return opened;
  };
  const append = (stream = 'a', count = 1) => client.appendToStream(`${prefix}${stream}`, specEvents(count));
  const stored = async (stream = 'a'): Promise<number> =>
    (await collect(connect(standIn.url).readStream(`${prefix}${stream}`)).catch(() => [])).length;
  /** Resolves with an open subscription that has caught up, and with what it delivers and how it ends. */
  const subscribe = async (): Promise<{
    subscription: AllStreamSubscription;
    seen: unknown[];
    ended: Promise<unknown>;
  }> => {
    const subscription = client.subscribeToAll({ fromPosition: END, filter: streamNameFilter({ prefixes: [prefix] }) });
    const seen: unknown[] = [];
    const ended = new Promise<unknown>((resolve) => {
      subscription.on('error', resolve);
      subscription.on('end', () => resolve('end'));
    });
    subscription.on('data', ({ event }) => seen.push(event?.revision));
    await new Promise((resolve) => subscription.once('caughtUp', () => resolve(undefined)));
    return { subscription, seen, ended };
  };

  beforeEach(async () => {
    standIn = await startEventStoreDbStandIn();
    client = connect(standIn.url);
    prefix = newPrefix();
  });
  afterEach(async () => {
    await standIn.stop();
  });
  afterAll(async () => {
    await Promise.all(clients.map((one) => one.dispose()));
  });

  it('cuts connections: what is open fails, and the same client goes on', async () => {
    await append();
    const { ended } = await subscribe();
    standIn.faults.cutConnections();

    expect(await ended).toBeInstanceOf(UnavailableError);
    await expect(append()).resolves.toMatchObject({ nextExpectedRevision: 1n });
  });

  it.each([
    [0, 0, 1],
    [1, 1, 1],
    [3, 3, 1],
  ])('cuts them in the middle of appends, after writing %i', async (afterWriting, written, lost) => {
    await append('warm');
    standIn.faults.cutDuringAppends({ afterWriting });
    const results: boolean[] = [];
    for (let index = 0; index < Math.max(afterWriting, 1); index += 1)
      results.push(
        await append().then(
          () => true,
          () => false,
        ),
      );

    expect(results.filter((ok) => !ok)).toHaveLength(lost);
    expect(await stored()).toBe(written);
  });

  it('writes and then fails', async () => {
    standIn.faults.writeThenFail();

    expect(await rejection(append())).toBeInstanceOf(UnavailableError);
    expect(await stored()).toBe(1);
    await expect(append()).resolves.toMatchObject({ nextExpectedRevision: 1n });
  });

  it('writes and never answers, while it answers others', async () => {
    await append();
    standIn.faults.writeThenStaySilent();
    const silent = append();
    silent.catch(() => undefined);
    const answered = append();

    await expect(answered).resolves.toMatchObject({ nextExpectedRevision: 2n });
    expect(await settled(silent)).toBe(false);
  });

  it('freezes, and does what has waited when it thaws', async () => {
    await append();
    const { seen } = await subscribe();
    standIn.faults.freeze();
    const waiting = [append(), collect(client.readStream(`${prefix}a`))];
    const frozen = await Promise.all(waiting.map(settled));
    standIn.faults.thaw();
    await Promise.all(waiting);

    expect(frozen).toEqual([false, false]);
    expect(await stored()).toBe(2);
    while (seen.length < 1) await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([1n]);
  });

  it('freezes appends only', async () => {
    await append();
    standIn.faults.freeze('appends');
    const waiting = append();

    expect(await stored()).toBe(1);
    expect(await settled(waiting)).toBe(false);
    standIn.faults.thaw();
    await expect(waiting).resolves.toMatchObject({ nextExpectedRevision: 1n });
  });

  it('is slow, to all calls in flight at once, and keeps their order', async () => {
    await append();
    standIn.faults.slow(100);
    const started = Date.now();
    const revisions = await Promise.all([append(), append(), append()]);

    expect(Date.now() - started).toBeGreaterThanOrEqual(95);
    expect(revisions.map(({ nextExpectedRevision }) => nextExpectedRevision)).toEqual([1n, 2n, 3n]);
  });

  it.each([
    ['not-ready', UnknownError, 'Could not recognize Server Is Not Ready', UnavailableError],
    ['too-busy', UnknownError, 'Could not recognize Server Is Busy', UnavailableError],
    ['timeout', DeadlineExceededError, '', undefined],
    ['access-denied', AccessDeniedError, '', AccessDeniedError],
  ] as const)('refuses with %s', async (why, ofAppend, message, ofRead) => {
    await append();
    standIn.faults.refuse(why);
    const error = await rejection(append());
    const read = await rejection(collect(client.readStream(`${prefix}a`)));
    standIn.faults.accept();

    expect(error).toBeInstanceOf(ofAppend);
    expect(error.message).toBe(message);
    if (ofRead === undefined) expect(read).toMatchObject({ type: 'timeout' });
    else expect(read).toBeInstanceOf(ofRead);
    await expect(append()).resolves.toMatchObject({ nextExpectedRevision: 1n });
  });

  it('ends subscriptions without an error', async () => {
    const { ended } = await subscribe();
    standIn.faults.endSubscriptions();

    expect(await ended).toBe('end');
    expect(standIn.counters).toMatchObject({ subscriptionsOpen: 0, subscriptionsOpened: 1 });
  });

  it('ends subscriptions with an error', async () => {
    const { ended } = await subscribe();
    standIn.faults.failSubscriptions();

    expect(await ended).toBeInstanceOf(UnavailableError);
  });

  it('silences the open subscriptions, not those that come later', async () => {
    const early = await subscribe();
    standIn.faults.silenceSubscriptions();
    const late = await subscribe();
    await append();
    while (late.seen.length < 1) await new Promise((resolve) => setImmediate(resolve));

    expect(early.seen).toEqual([]);
    expect(await settled(early.ended)).toBe(false);
  });

  it.each(['error', 'unreachable-member'] as const)('fails discovery with %s, and then not', async (how) => {
    standIn.faults.failDiscovery(1, how);
    const failing = connect(`${standIn.discoverUrl}&maxDiscoverAttempts=1`);
    const error = await rejection(failing.appendToStream(`${prefix}a`, specEvents(1)));
    const healthy = connect(standIn.discoverUrl);

    expect(error.message).toMatch(how === 'error' ? 'Failed to discover after 1 attempts' : 'ECONNREFUSED');
    await expect(healthy.appendToStream(`${prefix}a`, specEvents(1))).resolves.toMatchObject({ success: true });
  });

  it('keeps its data when it is killed, and forgets the ids that it remembered for any', async () => {
    const events = specEvents(1);
    await client.appendToStream(`${prefix}a`, events);
    const { ended } = await subscribe();
    await standIn.kill();
    const down = await rejection(connect(standIn.url).appendToStream(`${prefix}a`, events));
    await standIn.restart();
    const again = connect(standIn.url);
    await again.appendToStream(`${prefix}a`, events);

    expect(await ended).toBeInstanceOf(UnavailableError);
    expect(down).toMatchObject({ code: 14 });
    expect(await collect(again.readStream(`${prefix}a`))).toHaveLength(2);
  });

  it.each([{ type: '' }, { id: 'no-uuid' }])('refuses an event with %j as a bad request', async (bad) => {
    const [event] = specEvents(1);
    const error = await rejection(client.appendToStream(`${prefix}a`, { ...event!, ...bad }));

    expect(error).toBeInstanceOf(UnknownError);
    expect(error.message).toBe('Could not recognize BadRequest');
  });

  it('counts', async () => {
    await append('a', 3);

    expect(standIn.counters).toMatchObject({ appends: 1, appendedEvents: 3, connectionsOpen: 1, connectionsOpened: 1 });
    expect(standIn.counters.appendedBytes).toBeGreaterThan(30);
  });
});
