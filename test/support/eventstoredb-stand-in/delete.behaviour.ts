import { describe, expect, it } from '@jest/globals';
import {
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type Position,
} from '@eventstore/db-client';

import { collect, rejection, specEvents, type OpenSession, type Session } from './server-under-test.js';

/** What a server does with deleted streams, before and after a scavenge. */
export function deleteBehaviour(session: OpenSession): void {
  const headOf = async ({ client }: Session): Promise<Position> => {
    const [last] = await collect(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }));
    return last!.event!.position;
  };
  /** `stream type revision` of what `$all` holds of this spec after the position, without the prefix. */
  const inAll = async ({ client, prefix }: Session, after: Position): Promise<string[]> => {
    const read = await collect(client.readAll({ fromPosition: after }));
    return read.flatMap(({ event }) => {
      if (event === undefined || !event.streamId.includes(prefix)) return [];
      return [`${event.streamId.replace(prefix, '')} ${event.type} ${event.revision.toString()}`];
    });
  };
  const TOMBSTONE = 'a $streamDeleted 9223372036854775807';

  describe('a deleted stream', () => {
    it('cannot be read, and its events stay in $all', async () => {
      const opened = session();
      const { client, prefix } = opened;
      const from = await headOf(opened);
      await client.appendToStream(`${prefix}a`, specEvents(2));
      const { position } = await client.deleteStream(`${prefix}a`);

      expect(await rejection(collect(client.readStream(`${prefix}a`)))).toBeInstanceOf(StreamNotFoundError);
      expect(await inAll(opened, from)).toEqual(['a Tested 0', 'a Tested 1', '$$a $metadata 0']);
      const [metadata] = await collect(client.readStream(`$$${prefix}a`));
      expect(metadata?.event?.position).toEqual(position);
      expect(metadata?.event?.data).toEqual({ $tb: Number(2n ** 63n) });
    });

    it('may be written again, and its revisions go on', async () => {
      const opened = session();
      const { client, prefix } = opened;
      const from = await headOf(opened);
      await client.appendToStream(`${prefix}a`, specEvents(2));
      await client.deleteStream(`${prefix}a`);
      const rewritten = await client.appendToStream(`${prefix}a`, specEvents(1), { expectedRevision: 'no_stream' });
      const events = await onceThere(() => collect(client.readStream(`${prefix}a`)));

      expect(rewritten).toMatchObject({ nextExpectedRevision: 2n });
      expect(events.map(({ event }) => event?.revision)).toEqual([2n]);
      expect((await inAll(opened, from)).slice(2)).toEqual(['$$a $metadata 0', 'a Tested 2', '$$a $metadata 1']);
    });

    it('knows a repeat of what was in it, and does not come back by it', async () => {
      const { client, prefix } = session();
      const events = specEvents(2);
      await client.appendToStream(`${prefix}a`, events, { expectedRevision: 'no_stream' });
      await client.deleteStream(`${prefix}a`);
      const repeated = await client.appendToStream(`${prefix}a`, events, { expectedRevision: 'no_stream' });

      expect(repeated).toMatchObject({ success: true, nextExpectedRevision: 1n, position: undefined });
      expect(await rejection(collect(client.readStream(`${prefix}a`)))).toBeInstanceOf(StreamNotFoundError);
    });

    it('does not exist for stream_exists, and still has its revision', async () => {
      const { client, prefix } = session();
      await client.appendToStream(`${prefix}a`, specEvents(2));
      await client.deleteStream(`${prefix}a`);
      const exists = client.appendToStream(`${prefix}a`, specEvents(1), { expectedRevision: 'stream_exists' });

      expect(await rejection(exists)).toBeInstanceOf(StreamDeletedError);
      expect(await client.appendToStream(`${prefix}a`, specEvents(1), { expectedRevision: 1n })).toMatchObject({
        nextExpectedRevision: 2n,
      });
    });

    it('may be deleted again', async () => {
      const { client, prefix } = session();
      await client.appendToStream(`${prefix}a`, specEvents(1));
      await client.deleteStream(`${prefix}a`);

      await expect(client.deleteStream(`${prefix}a`)).resolves.toMatchObject({ position: expect.anything() });
    });
  });

  describe('a delete', () => {
    it('of a stream that is not there, or at another revision, is refused', async () => {
      const { client, prefix } = session();
      const missing = await rejection(client.deleteStream(`${prefix}a`));
      await client.appendToStream(`${prefix}a`, specEvents(2));
      const wrong = await rejection(client.deleteStream(`${prefix}a`, { expectedRevision: 0n }));

      expect(missing).toBeInstanceOf(WrongExpectedVersionError);
      expect(missing).toMatchObject({ expectedVersion: -2n, actualVersion: -1n });
      expect(wrong).toMatchObject({ streamName: `${prefix}a`, expectedVersion: 0n, actualVersion: 1n });
    });
  });

  describe('a tombstoned stream', () => {
    it('can never be read or written again, nor deleted', async () => {
      const opened = session();
      const { client, prefix } = opened;
      const from = await headOf(opened);
      await client.appendToStream(`${prefix}a`, specEvents(1));
      await client.tombstoneStream(`${prefix}a`, { expectedRevision: 0n });

      const appended = await rejection(client.appendToStream(`${prefix}a`, specEvents(1)));
      const read = await rejection(collect(client.readStream(`${prefix}a`)));
      expect([appended, read].map((error) => [error.constructor, error['streamName']])).toEqual([
        [StreamDeletedError, `${prefix}a`],
        [StreamDeletedError, `${prefix}a`],
      ]);
      expect(await rejection(client.deleteStream(`${prefix}a`))).toBeInstanceOf(StreamDeletedError);
      expect(await rejection(client.tombstoneStream(`${prefix}a`))).toBeInstanceOf(StreamDeletedError);
      expect(await inAll(opened, from)).toEqual(['a Tested 0', TOMBSTONE]);
    });

    it('need not have been there before', async () => {
      const { client, prefix } = session();
      await client.tombstoneStream(`${prefix}a`);

      expect(await rejection(client.appendToStream(`${prefix}a`, specEvents(1)))).toBeInstanceOf(StreamDeletedError);
    });
  });

  describe('a scavenge', () => {
    it('leaves the last event of a deleted stream, what was written after a delete, and tombstones', async () => {
      const opened = session();
      const { client, prefix, server } = opened;
      const from = await headOf(opened);
      for (const name of ['deleted', 'rewritten', 'a']) await client.appendToStream(`${prefix}${name}`, specEvents(2));
      await client.deleteStream(`${prefix}deleted`);
      await client.deleteStream(`${prefix}rewritten`);
      await client.appendToStream(`${prefix}rewritten`, specEvents(1));
      await client.tombstoneStream(`${prefix}a`);
      await server.scavenge();

      expect(await inAll(opened, from)).toEqual([
        'deleted Tested 1',
        '$$deleted $metadata 0',
        'rewritten Tested 2',
        '$$rewritten $metadata 1',
        TOMBSTONE,
      ]);
    });
  });
}

/** A server may still take a stream for deleted for a moment after it was written again. */
async function onceThere<T>(read: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
  }
}
