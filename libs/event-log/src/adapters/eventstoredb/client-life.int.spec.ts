import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

import { describe, expect, it } from '@jest/globals';

import { errorCode, event, events } from '../../../../../test/contract/event-log-under-test.js';
import { built } from '../../../../../test/support/built.js';
import { append, everything, faultSceneForEach, QUICK } from '../../../../../test/support/eventstoredb-faults.js';
import { openEventStoreDbEventLog } from './index.js';

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

  describe('when the server dies under many large appends', () => {
    /** Runs a program that prints a line of JSON when the server may be killed, and one at its end. */
    async function killUnder(program: string): Promise<unknown> {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        cwd: new URL('../../../../../', import.meta.url),
        env: { ...process.env, LOG_URL: scene().server.url },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      await lines.next();
      await scene().server.kill();
      const { value } = (await lines.next()) as { value: string };
      if (child.exitCode === null) await once(child, 'exit');
      return JSON.parse(value);
    }

    const adapter = JSON.stringify(built('libs/event-log/src/adapters/eventstoredb/index.js').href);
    const head = `
      import { isKnownClientRejection, openEventStoreDbEventLog } from ${adapter};
      const rejections = [];
      process.on('unhandledRejection', (reason) => rejections.push(isKnownClientRejection(reason)));
      const id = () => crypto.randomUUID();
      const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
      const end = async () => { await pause(200); console.log(JSON.stringify(rejections)); process.exit(0); };
    `;

    it('leaves rejections behind that are known, where nothing bounds what is in flight', async () => {
      const rejections = await killUnder(`${head}
        import { EventStoreDBClient } from '@eventstore/db-client';
        const client = EventStoreDBClient.connectionString(process.env.LOG_URL);
        const event = () => ({ id: id(), type: 'T', contentType: 'application/octet-stream', data: new Uint8Array(10_000) });
        await client.appendToStream('warm', event());
        const appends = Array.from({ length: 200 }, (_, index) =>
          client.appendToStream('s' + index, Array.from({ length: 50 }, event)));
        await pause(20);
        console.log('{}');
        await Promise.allSettled(appends);
        await end();`);

      expect(rejections).toEqual(expect.arrayContaining([true]));
      expect(rejections).not.toContain(false);
    });

    it('leaves none behind, because what this adapter has in flight is bounded', async () => {
      scene().server.faults.freeze('appends');
      const rejections = await killUnder(`${head}
        const timings = { append: 500, read: 500, settle: 1_000, longestRetry: 100, dispose: 200 };
        const log = await openEventStoreDbEventLog({ url: process.env.LOG_URL, timings });
        const data = JSON.stringify('x'.repeat(10_000));
        const event = () => ({ id: id(), type: 'T', data });
        const appends = Array.from({ length: 100 }, (_, index) => log.append({
          common: {},
          writes: [{ stream: 's' + index, expected: 'any', events: Array.from({ length: 20 }, event) }],
        }));
        const settled = Promise.allSettled(appends);
        await pause(100);
        console.log('{}');
        await settled;
        await end();`);

      expect(rejections).toEqual([]);
    });
  });
});
