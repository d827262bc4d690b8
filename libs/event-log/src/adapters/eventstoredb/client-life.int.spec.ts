import { createServer, type AddressInfo } from 'node:net';

import { EventStoreDBClient, type BinaryEventData } from '@eventstore/db-client';
import { describe, expect, it } from '@jest/globals';

import { errorCode, event, events } from '../../../../../test/contract/event-log-under-test.js';
import { append, everything, faultSceneForEach, QUICK } from '../../../../../test/support/eventstoredb-faults.js';
import { isKnownClientRejection, openEventStoreDbEventLog } from './index.js';

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the client of an EventStoreDB', () => {
  const scene = faultSceneForEach();

  it('is refused for a URL that cannot be used', async () => {
    for (const url of ['http://localhost:2113', 'esdb://user:secret@host:port?tls=false', 'esdb://h?tlsCAFile=/no']) {
      const failure = await openEventStoreDbEventLog({ url }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'INVALID_CONFIGURATION' });
      expect(String(failure)).not.toContain('secret');
    }
  });

  it('is unavailable within its time when nobody answers', async () => {
    const url = `esdb://127.0.0.1:${await freePort()}?tls=false`;
    const started = Date.now();
    expect(await errorCode(openEventStoreDbEventLog({ url, timings: { ...QUICK, connect: 300 } }))).toBe(
      'LOG_UNAVAILABLE',
    );
    scene().server.faults.freeze();
    const frozen = openEventStoreDbEventLog({ url: scene().server.url, timings: { ...QUICK, connect: 300 } });
    expect(await errorCode(frozen)).toBe('LOG_UNAVAILABLE');
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  it('waits for a server that comes within its time', async () => {
    await scene().server.kill();
    const opening = scene().open();
    await scene().server.restart();

    expect(await append(await opening, 'a', event())).toMatchObject({ outcome: 'written' });
  });

  it('is refused when its user may not read', async () => {
    scene().server.faults.refuse('access-denied');
    expect(await errorCode(scene().open())).toBe('INVALID_CONFIGURATION');
  });

  it('finds its server by discovery', async () => {
    const log = await scene().open({ url: scene().server.discoverUrl });
    await append(log, 'a', event());

    expect(scene().server.counters.discoveries).toBeGreaterThan(0);
    expect(await everything(log)).toHaveLength(1);
  });

  it('sends what goes to one stream in one append', async () => {
    const log = await scene().open();
    const writes = Array.from({ length: 90 }, (_, index) => ({
      stream: `s${index % 3}`,
      expected: 'any' as const,
      events: events(2),
    }));
    await log.append({ common: {}, writes });

    expect(scene().server.counters).toMatchObject({ appends: 3, appendedEvents: 180 });
  });

  it('shows by its rejections when the server dies under a backed up queue that they are the known ones', async () => {
    const rejections: unknown[] = [];
    const hear = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', hear);
    const client = EventStoreDBClient.connectionString(scene().server.url);
    const large = (): BinaryEventData => ({
      id: event().id,
      type: 'Large',
      contentType: 'application/octet-stream',
      data: new Uint8Array(10_000),
      metadata: undefined,
    });
    await client.appendToStream('a', large());
    scene().server.faults.freeze();
    const appends = Array.from({ length: 200 }, (_, index) =>
      client.appendToStream(`s${index}`, Array.from({ length: 50 }, large)),
    );
    const settled = Promise.allSettled(appends);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await scene().server.kill();
    await settled;
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', hear);
    await client.dispose();

    expect(rejections.length).toBeGreaterThan(0);
    expect(rejections.every(isKnownClientRejection)).toBe(true);
  });

  it('leaves no rejection behind when the server dies under all that this adapter has in flight', async () => {
    const rejections: unknown[] = [];
    const hear = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', hear);
    const log = await scene().open({ timings: { ...QUICK, append: 300, read: 300, settle: 1_000 } });
    const large = JSON.stringify('x'.repeat(10_000));
    const appends = Array.from({ length: 200 }, (_, index) =>
      errorCode(append(log, `s${index}`, ...events(50).map((it) => ({ ...it, data: large })))),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    await scene().server.kill();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await scene().server.restart();
    await Promise.all(appends);
    process.off('unhandledRejection', hear);

    expect(rejections).toEqual([]);
  });
});
