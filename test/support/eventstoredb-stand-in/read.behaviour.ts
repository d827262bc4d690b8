import { beforeEach, describe, expect, it } from '@jest/globals';
import { BACKWARDS, END, START, StreamNotFoundError } from '@eventstore/db-client';

import { collect, rejection, specEvents, type OpenSession, type Session } from './server-under-test.js';

/** How a server reads one stream and `$all`. */
export function readBehaviour(session: OpenSession): void {
  describe('reading a stream', () => {
    let client: Session['client'];
    let stream: string;
    beforeEach(async () => {
      const opened = session();
      client = opened.client;
      stream = `${opened.prefix}a`;
      await client.appendToStream(stream, specEvents(5));
    });
    const revisions = async (options: Parameters<Session['client']['readStream']>[1]): Promise<number[]> =>
      (await collect(client.readStream(stream, options))).map(({ event }) => Number(event?.revision));

    it('goes forwards', async () => {
      expect(await revisions({})).toEqual([0, 1, 2, 3, 4]);
      expect(await revisions({ fromRevision: 2n })).toEqual([2, 3, 4]);
      expect(await revisions({ fromRevision: START, maxCount: 2 })).toEqual([0, 1]);
      expect(await revisions({ fromRevision: 5n })).toEqual([]);
    });

    it.each(['', '-missing'])('does not go forwards from its end%s', async (suffix) => {
      const error = await rejection(collect(client.readStream(`${stream}${suffix}`, { fromRevision: END })));

      expect(error).toMatchObject({
        type: 'unknown',
        code: 2,
        message: '2 UNKNOWN: Unexpected ReadStreamResult: Error',
      });
    });

    it('goes backwards', async () => {
      const direction = BACKWARDS;
      expect(await revisions({ direction, fromRevision: END })).toEqual([4, 3, 2, 1, 0]);
      expect(await revisions({ direction, fromRevision: END, maxCount: 1 })).toEqual([4]);
      expect(await revisions({ direction, fromRevision: 2n })).toEqual([2, 1, 0]);
      expect(await revisions({ direction, fromRevision: 99n })).toEqual([4, 3, 2, 1, 0]);
      expect(await revisions({ direction, fromRevision: START })).toEqual([0]);
    });

    it('says where in $all an event is', async () => {
      const [first] = await collect(client.readStream(stream, { maxCount: 1 }));
      const position = first!.event!.position!;
      const [inAll] = await collect(client.readAll({ fromPosition: position, maxCount: 1 }));

      expect(inAll?.event?.id).toBe(first?.event?.id);
      expect(first?.commitPosition).toBe(inAll?.commitPosition);
      expect(position.commit).toBe(position.prepare);
    });

    it('is refused when there is none', async () => {
      const error = await rejection(collect(client.readStream(`${stream}-missing`)));

      expect(error).toBeInstanceOf(StreamNotFoundError);
    });
  });

  describe('reading $all', () => {
    it('finds the events of an append in their order, from a position that belongs to it', async () => {
      const { client, prefix } = session();
      await client.appendToStream(`${prefix}a`, specEvents(3));
      const [first] = await collect(client.readStream(`${prefix}a`, { maxCount: 1 }));
      const read = await collect(client.readAll({ fromPosition: first!.event!.position! }));
      const ours = read.filter(({ event }) => event?.streamId === `${prefix}a`);

      expect(ours.map(({ event }) => event?.revision)).toEqual([0n, 1n, 2n]);
    });

    it('goes backwards from the end, and from a position that it leaves out', async () => {
      const { client, prefix } = session();
      await client.appendToStream(`${prefix}a`, specEvents(3));
      const backwards = { direction: BACKWARDS, fromPosition: END, maxCount: 100 } as const;
      const all = await collect(client.readAll(backwards));
      const ours = all.filter(({ event }) => event?.streamId === `${prefix}a`);
      const [last] = ours;
      const before = await collect(client.readAll({ ...backwards, fromPosition: last!.event!.position, maxCount: 2 }));

      expect(ours.map(({ event }) => event?.revision)).toEqual([2n, 1n, 0n]);
      expect(before.map(({ event }) => event?.id)).toEqual(ours.slice(1).map(({ event }) => event?.id));
    });

    it('has nothing before its start and after its end', async () => {
      const { client } = session();

      expect(await collect(client.readAll({ direction: BACKWARDS, fromPosition: START }))).toEqual([]);
      expect(await collect(client.readAll({ fromPosition: END }))).toEqual([]);
    });

    it('has events of the server itself', async () => {
      const { client } = session();
      const [first] = await collect(client.readAll({ maxCount: 1 }));

      expect(first?.event?.streamId).toMatch(/^\$/);
    });
  });
}
