import { describe, expect, it } from '@jest/globals';
import { jsonEvent, WrongExpectedVersionError } from '@eventstore/db-client';

import { collect, rejection, specEvents, type OpenSession } from './server-under-test.js';

/** What a server makes of an append that it has seen before. */
export function repeatBehaviour(session: OpenSession): void {
  describe('a repeated append', () => {
    it.each(['no_stream', 'any'] as const)(
      'that expects %s gets the first answer, after later events too',
      async (expectedRevision) => {
        const { client, prefix } = session();
        const stream = `${prefix}a`;
        const events = specEvents(2);
        const first = await client.appendToStream(stream, events, { expectedRevision });
        await client.appendToStream(stream, specEvents(3));
        const repeated = await client.appendToStream(stream, events, { expectedRevision });

        expect(repeated).toEqual(first);
        expect(await collect(client.readStream(stream))).toHaveLength(5);
      },
    );

    it('at an exact revision gets the first answer', async () => {
      const { client, prefix } = session();
      const stream = `${prefix}a`;
      const events = specEvents(2);
      await client.appendToStream(stream, specEvents(3));
      const first = await client.appendToStream(stream, events, { expectedRevision: 2n });

      expect(await client.appendToStream(stream, events, { expectedRevision: 2n })).toEqual(first);
      expect(await collect(client.readStream(stream))).toHaveLength(5);
    });

    it('in which only the beginning is asked for again gets the revision of its own end', async () => {
      const { client, prefix } = session();
      const events = specEvents(3);
      await client.appendToStream(`${prefix}a`, events, { expectedRevision: 'no_stream' });
      const options = { expectedRevision: 'no_stream' } as const;

      expect(await client.appendToStream(`${prefix}a`, events.slice(0, 2), options)).toMatchObject({
        nextExpectedRevision: 1n,
      });
    });

    it.each(['no_stream', 'any'] as const)(
      'of which a part is new is refused, expecting %s',
      async (expectedRevision) => {
        const { client, prefix } = session();
        const events = specEvents(2);
        await client.appendToStream(`${prefix}a`, events, { expectedRevision });
        const error = await rejection(
          client.appendToStream(`${prefix}a`, [...events, ...specEvents(1)], { expectedRevision }),
        );

        expect(error).toBeInstanceOf(WrongExpectedVersionError);
        expect(error).toMatchObject({ expectedVersion: expectedRevision, actualVersion: 1n });
      },
    );

    it('is known by its ids alone: the new data are ignored', async () => {
      const { client, prefix } = session();
      const event = (text: string) =>
        jsonEvent({ id: '6b3f1a52-1111-4222-8333-444455556666', type: 'Tested', data: { text } });
      await client.appendToStream(`${prefix}a`, event('old'), { expectedRevision: 'no_stream' });
      await client.appendToStream(`${prefix}a`, event('new'), { expectedRevision: 'no_stream' });
      const events = await collect(client.readStream(`${prefix}a`));

      expect(events.map((it) => it.event?.data)).toEqual([{ text: 'old' }]);
    });

    it('knows an id in capital letters again', async () => {
      const { client, prefix } = session();
      const [event] = specEvents(1);
      await client.appendToStream(`${prefix}a`, event!);
      await client.appendToStream(`${prefix}a`, { ...event!, id: event!.id.toUpperCase() });

      expect(await collect(client.readStream(`${prefix}a`))).toHaveLength(1);
    });

    it('to another stream is written there', async () => {
      const { client, prefix } = session();
      const events = specEvents(2);
      await client.appendToStream(`${prefix}a`, events);
      await client.appendToStream(`${prefix}b`, events);

      expect(await collect(client.readStream(`${prefix}b`))).toHaveLength(2);
    });

    it('is refused at another revision than its own', async () => {
      const { client, prefix } = session();
      const events = specEvents(1);
      await client.appendToStream(`${prefix}a`, specEvents(2));
      await client.appendToStream(`${prefix}a`, events, { expectedRevision: 1n });

      const error = await rejection(client.appendToStream(`${prefix}a`, events, { expectedRevision: 0n }));
      expect(error).toMatchObject({ expectedVersion: 0n, actualVersion: 2n });
    });
  });
}
