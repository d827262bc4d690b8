import { describe, expect, it } from '@jest/globals';
import {
  binaryEvent,
  jsonEvent,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';

import { collect, rejection, specEvents, type OpenSession } from './server-under-test.js';

/** How a server answers appends, over the client's shared batch call. */
export function appendBehaviour(session: OpenSession): void {
  describe('an append', () => {
    it('answers with the revision and the position of its last event', async () => {
      const { client, prefix } = session();
      const stream = `${prefix}a`;
      const result = await client.appendToStream(stream, specEvents(3), { expectedRevision: 'no_stream' });
      const events = await collect(client.readStream(stream));

      expect(result).toEqual({ success: true, nextExpectedRevision: 2n, position: events[2]?.event?.position });
      expect(events.map(({ event }) => event?.revision)).toEqual([0n, 1n, 2n]);
    });

    it('keeps id, type, data, metadata and whether it is JSON', async () => {
      const { client, prefix } = session();
      const [json, binary] = [
        jsonEvent({ type: 'Json', data: { text: 'ä', big: 1.5 }, metadata: { by: 'me' } }),
        binaryEvent({ type: 'Binary', data: Uint8Array.of(0, 255, 1) }),
      ];
      const before = Date.now();
      await client.appendToStream(`${prefix}a`, [json, binary]);
      const [first, second] = await collect(client.readStream(`${prefix}a`));

      expect(first?.event).toMatchObject({
        id: json.id,
        type: 'Json',
        data: json.data,
        metadata: { by: 'me' },
        isJson: true,
      });
      expect(second?.event).toMatchObject({ id: binary.id, type: 'Binary', metadata: undefined, isJson: false });
      expect([...(second?.event?.data as Uint8Array)]).toEqual([0, 255, 1]);
      expect(Math.abs(Number(first?.event?.created) - before)).toBeLessThan(60_000);
    });

    it.each(['any', 'no_stream', 'stream_exists', 0n, 1n, 7n] as const)(
      'to a stream at 1 that expects %s',
      async (expectedRevision) => {
        const { client, prefix } = session();
        const stream = `${prefix}a`;
        await client.appendToStream(stream, specEvents(2));
        const appended = client.appendToStream(stream, specEvents(1), { expectedRevision });

        if (['any', 'stream_exists', 1n].includes(expectedRevision)) {
          expect(await appended).toMatchObject({ success: true, nextExpectedRevision: 2n });
          return;
        }
        const error = await rejection(appended);
        expect(error).toBeInstanceOf(WrongExpectedVersionError);
        expect(error).toMatchObject({
          streamName: stream,
          expectedVersion: expectedRevision,
          actualVersion: 1n,
          message: '',
        });
      },
    );

    it.each(['any', 'no_stream', 'stream_exists', 0n] as const)(
      'to a stream that is not there, which expects %s',
      async (expectedRevision) => {
        const { client, prefix } = session();
        const stream = `${prefix}a`;
        const appended = client.appendToStream(stream, specEvents(1), { expectedRevision });

        if (['any', 'no_stream'].includes(expectedRevision as string)) {
          expect(await appended).toMatchObject({ success: true, nextExpectedRevision: 0n });
          return;
        }
        const error = await rejection(appended);
        expect(error).toBeInstanceOf(WrongExpectedVersionError);
        expect(error).toMatchObject({ expectedVersion: expectedRevision, actualVersion: 'no_stream' });
      },
    );

    it('takes 1,048,576 bytes of data, and not one more', async () => {
      const { client, prefix } = session();
      const ofBytes = (bytes: number) =>
        binaryEvent({ type: 'Large', data: new Uint8Array(bytes), metadata: { not: 'counted' } });
      const fits = [ofBytes(1_000_000), ofBytes(48_576)];
      const tooLarge = [ofBytes(1_000_000), ofBytes(48_577)];

      await expect(client.appendToStream(`${prefix}a`, fits)).resolves.toMatchObject({ success: true });
      const error = await rejection(client.appendToStream(`${prefix}b`, tooLarge));
      expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(error).toMatchObject({ maxAppendSize: 1_048_576 });
    });

    it('refuses one that comes in several messages and is too large, and harms nobody else', async () => {
      const { client, prefix } = session();
      const large = specEvents(5, 1_000_000);
      const [refused, other] = await Promise.allSettled([
        client.appendToStream(`${prefix}a`, large),
        client.appendToStream(`${prefix}b`, specEvents(1)),
      ]);

      expect(refused).toMatchObject({ status: 'rejected', reason: expect.any(MaxAppendSizeExceededError) });
      expect(other).toMatchObject({ status: 'fulfilled' });
    });

    it('with nothing in it succeeds and writes nothing', async () => {
      const { client, prefix } = session();
      const toNew = await client.appendToStream(`${prefix}a`, []);
      await client.appendToStream(`${prefix}b`, specEvents(3));
      const toOld = await client.appendToStream(`${prefix}b`, []);

      expect([toNew, toOld]).toMatchObject([
        { success: true, nextExpectedRevision: 0n },
        { success: true, nextExpectedRevision: 2n },
      ]);
      expect(await collect(client.readStream(`${prefix}b`))).toHaveLength(3);
    });

    it('goes the other way with credentials, with the same answers', async () => {
      const { client, prefix } = session();
      const stream = `${prefix}a`;
      const credentials = { username: 'admin', password: 'changeit' };
      const written = await client.appendToStream(stream, specEvents(2), { credentials });
      const refused = await rejection(
        client.appendToStream(stream, specEvents(1), { credentials, expectedRevision: 0n }),
      );
      const tooLarge = await rejection(client.appendToStream(stream, specEvents(2, 600_000), { credentials }));

      expect(written).toMatchObject({ success: true, nextExpectedRevision: 1n });
      expect(refused).toMatchObject({ type: 'wrong-expected-version', expectedVersion: 0n, actualVersion: 1n });
      expect(tooLarge).toMatchObject({ type: 'maximum-append-size-exceeded', maxAppendSize: 1_048_576 });
      await client.tombstoneStream(stream);
      expect(await rejection(client.appendToStream(stream, specEvents(1), { credentials }))).toBeInstanceOf(
        StreamDeletedError,
      );
    });
  });
}
