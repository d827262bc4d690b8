import { EventStoreDBClient } from '@eventstore/db-client';
import { describe, expect, it } from '@jest/globals';

import { POSITION_START } from '#core';

import type { EventLog, EventPage, RecordedEvent } from '../../event-log.js';
import { Consumer, errorCode, event, events } from '../../../../../test/contract/event-log-under-test.js';
import {
  append,
  everything,
  faultSceneForEach,
  idsIn,
  QUICK,
} from '../../../../../test/support/eventstoredb-faults.js';
import { Feed } from './feed.js';

describe('a subscription to an EventStoreDB that fails', () => {
  const scene = faultSceneForEach();
  const faults = () => scene().server.faults;
  const subscribe = (log: EventLog): Consumer =>
    new Consumer(log.subscribe({ after: POSITION_START, prefixes: ['s'] }));

  /** Takes pages until so many events were shown. */
  async function take(consumer: Consumer, count: number): Promise<RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    while (found.length < count) found.push(...(await consumer.page()).events);
    return found;
  }

  it.each<[string, () => void]>([
    ['ended by the server without an error', () => faults().endSubscriptions()],
    ['ended by the server with an error', () => faults().failSubscriptions()],
    ['cut off', () => faults().cutConnections()],
  ])('goes on where it was when it is %s', async (_name, disturb) => {
    const log = await scene().open();
    await append(log, 's', ...events(10));
    const consumer = subscribe(log);
    const found = await take(consumer, 10);
    for (let round = 0; round < 3; round += 1) {
      disturb();
      await append(log, 's', ...events(2));
      found.push(...(await take(consumer, 2)));
    }
    await consumer.end();

    expect(found.map(({ revision }) => revision)).toEqual(Array.from({ length: 16 }, (_, index) => index));
    expect(scene().reports).toContain('The subscription was dropped');
  });

  it('goes on where it was over a kill and a restart', async () => {
    const log = await scene().open();
    await append(log, 's', ...events(10));
    const consumer = subscribe(log);
    const found = await take(consumer, 10);
    const next = take(consumer, 2);
    await scene().server.kill();
    await scene().server.restart();
    await append(log, 's', ...events(2));
    found.push(...(await next));
    await consumer.end();

    expect(found.map(({ revision }) => revision)).toEqual(Array.from({ length: 12 }, (_, index) => index));
  });

  it('notices that it gets nothing any more, and subscribes anew', async () => {
    const log = await scene().open();
    await append(log, 's', event());
    const consumer = subscribe(log);
    while (!(await consumer.page()).caughtUp);
    faults().silenceSubscriptions();
    await append(log, 's', event());
    const found = await take(consumer, 1);
    await consumer.end();

    expect(found[0]).toMatchObject({ revision: 1 });
    expect(scene().reports).toContain('The subscription had fallen silent');
  });

  it('moves on over what is not its own, and does not call that silence', async () => {
    const log = await scene().open();
    const consumer = subscribe(log);
    await consumer.page();
    scene().server.writeSystemEvents(3);
    const head = await log.head();
    let page: EventPage = await consumer.page();
    while (page.position < head) page = await consumer.page();
    await consumer.end();

    expect(page).toEqual({ events: [], position: head, caughtUp: true });
    expect(scene().reports).toEqual([]);
  });

  it('waits for a server that is not ready, and for one that is frozen', async () => {
    const log = await scene().open();
    await append(log, 's', event());
    faults().refuse('not-ready', { times: 3 });
    const consumer = subscribe(log);
    await take(consumer, 1);
    faults().freeze();
    const next = take(consumer, 1);
    await new Promise((resolve) => setTimeout(resolve, 3 * QUICK.read));
    faults().thaw();
    await append(log, 's', event());

    expect(await next).toMatchObject([{ revision: 1 }]);
    await consumer.end();
  });

  it('shows each event once however often it is disturbed while it catches up', async () => {
    const log = await scene().open({ timings: { ...QUICK, append: 10_000 } });
    await Promise.all(Array.from({ length: 20 }, (_, index) => append(log, `s${index}`, ...events(200))));
    const all = await everything(log);
    const found: RecordedEvent[] = [];
    let pages = 0;
    for await (const page of log.subscribe({ after: POSITION_START, prefixes: ['s'], pageSize: 100 })) {
      found.push(...page.events);
      pages += 1;
      if (pages % 9 === 3) faults().cutConnections();
      if (pages % 9 === 6) faults().endSubscriptions();
      if (found.length >= 4_000) break;
    }

    expect(found.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  });

  it('gives up when the server stays away, and the next one goes on', async () => {
    const log = await scene().open({ timings: { ...QUICK, lost: 300 } });
    await append(log, 's', event());
    const consumer = subscribe(log);
    await take(consumer, 1);
    const end = errorCode(consumer.hasEnded());
    await scene().server.kill();

    expect(await end).toBe('LOG_UNAVAILABLE');
    await scene().server.restart();
    expect(await idsIn(log, 's')).toHaveLength(1);
  });

  it('refuses a position that the log does not reach', async () => {
    const log = await scene().open();
    const after = 'f'.repeat(15).padStart(16, '0').repeat(2);
    const pages = new Consumer(log.subscribe({ after, prefixes: ['s'] }));

    expect(await errorCode(pages.page())).toBe('INVALID_REQUEST');
  });

  it.each(['close', 'abort'] as const)('ends at once on %s, even when nothing is answered', async (how) => {
    const log = await scene().open();
    const abort = new AbortController();
    const options = { after: POSITION_START, prefixes: ['s'], signal: abort.signal };
    const consumer = new Consumer(log.subscribe(options));
    await consumer.page();
    faults().freeze();
    const ended = consumer.hasEnded();
    const started = Date.now();
    if (how === 'close') await log.close();
    else abort.abort();

    expect(await ended).toBe(true);
    expect(Date.now() - started).toBeLessThan(QUICK.dispose + 1_000);
  });

  it('leaves no subscription open at the server', async () => {
    const log = await scene().open();
    const consumers = Array.from({ length: 5 }, () => subscribe(log));
    for (const consumer of consumers) await consumer.page();
    for (const consumer of consumers) await consumer.end();
    await log.close();
    while (scene().server.counters.subscriptionsOpen > 0) await new Promise((resolve) => setTimeout(resolve, 5));

    expect(scene().server.counters.subscriptionsOpen).toBe(0);
  });

  it.each([
    { many: 'small events', count: 10_000, characters: 100, least: 2_000, most: 4_200 },
    { many: 'large events', count: 300, characters: 100_000, least: 80, most: 130 },
  ])('is read some pages ahead of its consumer and no further: $many', async ({ count, characters, least, most }) => {
    const log = await scene().open({ timings: { ...QUICK, append: 10_000 } });
    const data = JSON.stringify('x'.repeat(characters));
    const atOnce = Math.min(50, 900_000 / characters);
    for (let left = count; left > 0; left -= atOnce) {
      await append(log, 's', ...Array.from({ length: atOnce }, () => ({ ...event(), data })));
    }
    const client = EventStoreDBClient.connectionString(scene().server.url);
    const feed = new Feed(client, POSITION_START, ['s']);
    await feed.wait(10_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    let waiting = 0;
    while (feed.take() !== undefined) waiting += 1;
    feed.cancel();
    await client.dispose();

    expect(waiting).toBeGreaterThan(least);
    expect(waiting).toBeLessThan(most);
  });
});
