import { describe, expect, it } from '@jest/globals';
import {
  END,
  START,
  streamNameFilter,
  type AllStreamSubscription,
  type Position,
  type ReadPosition,
} from '@eventstore/db-client';

import { collect, specEvents, type OpenSession, type Session } from './server-under-test.js';

interface Watched {
  readonly subscription: AllStreamSubscription;
  readonly checkpoints: Position[];
  /** What happened, in its order: revisions of events, `caughtUp`. */
  readonly seen: (number | 'caughtUp')[];
  /** Resolves once so much has been seen. */
  readonly until: (count: number) => Promise<void>;
}

/** How a server delivers `$all` to a subscription with a prefix of stream names. */
export function subscribeBehaviour(session: OpenSession): void {
  const watch = (
    { client, prefix }: Session,
    fromPosition: ReadPosition,
    options: { maxSearchWindow?: number; checkpointInterval?: number } = {},
  ): Watched => {
    const checkpoints: Position[] = [];
    const seen: Watched['seen'] = [];
    let wake = (): void => undefined;
    const note = (what: number | 'caughtUp'): void => {
      seen.push(what);
      wake();
    };
    const checkpointReached = async (_: unknown, position: Position): Promise<void> => void checkpoints.push(position);
    const filter = streamNameFilter({ prefixes: [prefix], checkpointReached, ...options });
    const subscription = client.subscribeToAll({ fromPosition, filter });
    subscription.on('data', ({ event }) => note(Number(event?.revision)));
    subscription.on('caughtUp', () => note('caughtUp'));
    const until = async (count: number): Promise<void> => {
      while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve));
    };
    return { subscription, checkpoints, seen, until };
  };
  const headOf = async ({ client }: Session): Promise<Position> => {
    const [last] = await collect(client.readAll({ direction: 'backwards', fromPosition: END, maxCount: 1 }));
    return last!.event!.position;
  };

  describe('a subscription', () => {
    it('delivers what is there, says that it has caught up, and delivers what comes', async () => {
      const opened = session();
      const from = await headOf(opened);
      await opened.client.appendToStream(`${opened.prefix}a`, specEvents(2));
      const { subscription, seen, until } = watch(opened, from);
      await until(3);
      await opened.client.appendToStream(`${opened.prefix}a`, specEvents(2));
      await until(5);
      await subscription.unsubscribe();

      expect(seen).toEqual([0, 1, 'caughtUp', 2, 3]);
    });

    it('lets through only what the filter matches', async () => {
      const opened = session();
      const from = await headOf(opened);
      await opened.client.appendToStream(`other-${opened.prefix}`, specEvents(1));
      await opened.client.appendToStream(`${opened.prefix}a`, specEvents(1));
      await opened.client.deleteStream(`${opened.prefix}a`);
      await opened.client.appendToStream(`${opened.prefix}b`, specEvents(1));
      const { subscription, seen, until } = watch(opened, from);
      await until(3);
      await subscription.unsubscribe();

      expect(seen).toEqual([0, 0, 'caughtUp']);
    });

    it('starts after the position that it is given', async () => {
      const opened = session();
      await opened.client.appendToStream(`${opened.prefix}a`, specEvents(4));
      const events = await collect(opened.client.readStream(`${opened.prefix}a`));
      const { subscription, seen, until } = watch(opened, events[1]!.event!.position!);
      await until(3);
      await subscription.unsubscribe();

      expect(seen).toEqual([2, 3, 'caughtUp']);
    });

    it('from the end delivers only what is new', async () => {
      const opened = session();
      await opened.client.appendToStream(`${opened.prefix}a`, specEvents(2));
      const { subscription, seen, until } = watch(opened, END);
      await until(1);
      await opened.client.appendToStream(`${opened.prefix}a`, specEvents(1));
      await until(2);
      await subscription.unsubscribe();

      expect(seen).toEqual(['caughtUp', 2]);
    });

    it('that has looked through everything from the start without a match is offered a checkpoint beyond everything', async () => {
      const opened = session();
      const { subscription, seen, checkpoints, until } = watch(opened, START, { maxSearchWindow: 1_000_000 });
      await until(1);
      await opened.client.appendToStream(`${opened.prefix}a`, specEvents(1));
      await until(2);
      await subscription.unsubscribe();

      expect(seen).toEqual(['caughtUp', 0]);
      expect(checkpoints).toEqual([{ commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n }]);
    });

    it('offers checkpoints that leave nothing out, in rising order', async () => {
      const opened = session();
      const from = await headOf(opened);
      for (const name of ['a', 'b'])
        await opened.client.appendToStream(`other-${opened.prefix}${name}`, specEvents(150));
      await opened.client.appendToStream(`${opened.prefix}a`, specEvents(1));
      const { subscription, checkpoints, until } = watch(opened, from, { maxSearchWindow: 50 });
      await until(2);
      await subscription.unsubscribe();

      const [last] = await collect(opened.client.readStream(`${opened.prefix}a`));
      expect(checkpoints.length).toBeGreaterThanOrEqual(5);
      expect(checkpoints.at(-1)).toEqual(last?.event?.position);
      const rising = checkpoints.toSorted((one, other) => Number(one.commit - other.commit));
      expect(checkpoints).toEqual(rising);
    });

    it('offers checkpoints while it is live and nothing matches', async () => {
      const opened = session();
      const { subscription, checkpoints, until } = watch(opened, END, { maxSearchWindow: 10 });
      await until(1);
      await opened.client.appendToStream(`other-${opened.prefix}`, specEvents(35));
      await opened.client.appendToStream(`${opened.prefix}a`, specEvents(1));
      await until(2);
      await subscription.unsubscribe();

      expect(checkpoints.length).toBeGreaterThanOrEqual(3);
    });
  });
}
