import { describe, expect, it } from '@jest/globals';

import { POSITION_START } from '#core';
import type { ReadStreamOptions, StreamSlice } from '#event-log';

import { event, events, sceneForEach, type EventLogFactory } from './event-log-under-test.js';

export function readContract(factory: EventLogFactory): void {
  describe('readStream', () => {
    const scene = sceneForEach(factory);
    const read = (name: string, options?: ReadStreamOptions): Promise<StreamSlice> =>
      scene().log.readStream(scene().stream(name), options);
    /** Eleven events by five writes, of two types that take turns. */
    const writeEleven = async (name: string): Promise<void> => {
      for (const count of [1, 4, 1, 3, 2]) {
        await scene().write(name, ...events(count).map((it, index) => ({ ...it, type: `T${(index >> 1) % 2}` })));
        await scene().write('other', event());
      }
    };

    it('finds nothing in a stream that was never written', async () => {
      await writeEleven('a');

      expect(await read('b')).toEqual({ exists: false, events: [] });
      expect(await scene().log.readStream(scene().stream('a').slice(0, -1))).toEqual({ exists: false, events: [] });
    });

    it.each<[string, ReadStreamOptions, number[], number | undefined]>([
      ['everything', {}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], undefined],
      ['from a revision', { from: 3 }, [3, 4, 5, 6, 7, 8, 9, 10], undefined],
      ['some from a revision', { from: 3, limit: 3 }, [3, 4, 5], 6],
      ['exactly to the end', { from: 8, limit: 3 }, [8, 9, 10], undefined],
      ['the last', { from: 10 }, [10], undefined],
      ['behind the last', { from: 11 }, [], undefined],
      ['backwards', { direction: 'backwards' }, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0], undefined],
      ['the last two', { direction: 'backwards', limit: 2 }, [10, 9], 8],
      ['backwards from a revision', { direction: 'backwards', from: 3 }, [3, 2, 1, 0], undefined],
      ['some backwards from a revision', { direction: 'backwards', from: 7, limit: 4 }, [7, 6, 5, 4], 3],
      ['backwards exactly to the start', { direction: 'backwards', from: 2, limit: 3 }, [2, 1, 0], undefined],
      ['backwards from behind the last', { direction: 'backwards', from: 99, limit: 1 }, [10], 9],
    ])('reads %s', async (_name, options, revisions, next) => {
      await writeEleven('a');
      const slice = await read('a', options);

      expect(slice.exists).toBe(true);
      expect(slice.events.map(({ revision }) => revision)).toEqual(revisions);
      expect(slice.next).toBe(next);
      expect('next' in slice).toBe(next !== undefined);
    });

    it.each(['forwards', 'backwards'] as const)('reads the same %s in slices as at once', async (direction) => {
      await writeEleven('a');
      const { events: atOnce } = await read('a', { direction });
      const inSlices = [];
      let slice = await read('a', { direction, limit: 2 });
      for (; slice.next !== undefined; slice = await read('a', { direction, limit: 2, from: slice.next })) {
        inSlices.push(...slice.events);
      }

      expect([...inSlices, ...slice.events]).toEqual(atOnce);
    });

    it('reads 1,000 at a time when not told otherwise', async () => {
      await scene().write('a', ...events(1_001));
      const slice = await read('a');

      expect(slice.events).toHaveLength(1_000);
      expect(slice.next).toBe(1_000);
    });

    it('sees what was acknowledged', async () => {
      for (let count = 1; count <= 20; count += 1) {
        await scene().write('a', event());
        expect((await read('a')).events).toHaveLength(count);
      }
    });
  });

  describe('deleteStream', () => {
    const scene = sceneForEach(factory);
    const append = async (name: string, expected: 'any' | 'none' | number): Promise<unknown> => {
      const writes = [{ stream: scene().stream(name), expected, events: [event()] }];
      const [outcome] = await scene().log.append({ common: {}, writes });
      return outcome;
    };
    const remove = (name: string): Promise<boolean> => scene().log.deleteStream(scene().stream(name));

    it('tells whether there was something to delete', async () => {
      await scene().write('a', ...events(3));

      expect(await remove('a')).toBe(true);
      expect(await remove('a')).toBe(false);
      expect(await remove('never')).toBe(false);
      await scene().write('a', event());
      expect(await remove('a')).toBe(true);
    });

    it('leaves a stream that does not exist, and all others', async () => {
      const { log } = scene();
      await scene().write('a', ...events(3));
      await scene().write('b', ...events(2));
      await scene().write('a', ...events(3));
      await remove('a');

      expect(await log.readStream(scene().stream('a'))).toEqual({ exists: false, events: [] });
      expect(await log.readStream(scene().stream('a'), { direction: 'backwards', from: 2 })).toEqual({
        exists: false,
        events: [],
      });
      expect((await log.readStream(scene().stream('b'))).events).toHaveLength(2);
    });

    it('lets the stream be written again, with revisions that go on', async () => {
      const { log } = scene();
      await scene().write('a', ...events(3));
      await remove('a');

      expect(await append('a', 5)).toEqual({ outcome: 'refused', actual: -1 });
      expect(await append('a', 'none')).toMatchObject({ outcome: 'written', revision: 3 });
      expect(await append('a', 'none')).toEqual({ outcome: 'refused', actual: 3 });
      expect(await append('a', 3)).toMatchObject({ outcome: 'written', revision: 4 });
      const { exists, events: found } = await log.readStream(scene().stream('a'), { from: 0 });
      expect([exists, found.map(({ revision }) => revision)]).toEqual([true, [3, 4]]);
      const back = await log.readStream(scene().stream('a'), { direction: 'backwards', limit: 5 });
      expect(back.events.map(({ revision }) => revision)).toEqual([4, 3]);
      expect(back.next).toBeUndefined();
    });

    it('holds after a restart', async () => {
      await scene().write('a', ...events(3));
      await remove('a');
      await scene().reopen();

      expect(await scene().log.readStream(scene().stream('a'))).toEqual({ exists: false, events: [] });
      expect(await append('a', 'any')).toMatchObject({ outcome: 'written', revision: 3 });
    });

    it('never moves the head back, nor makes a position come again', async () => {
      const last = await scene().write('a', ...events(3));
      await remove('a');

      expect((await scene().log.head()) >= last).toBe(true);
      await scene().reopen();
      expect((await scene().log.head()) >= last).toBe(true);
      expect((await scene().write('a', event())) > last).toBe(true);
    });
  });

  describe('positions', () => {
    const scene = sceneForEach(factory);

    it('are apart by more log the further they are apart', async () => {
      const { log } = scene();
      const near = await scene().write('a', ...events(10));
      const middle = await scene().write('b', ...events(10));
      const far = await scene().write('c', ...events(10));

      expect(log.distance(near, near)).toBe(0);
      expect(log.distance(POSITION_START, POSITION_START)).toBe(0);
      expect(log.distance(POSITION_START, near)).toBeGreaterThan(0);
      expect(log.distance(near, middle)).toBeGreaterThan(0);
      expect(log.distance(near, far)).toBeGreaterThan(log.distance(near, middle));
      expect(log.distance(near, far)).toBe(log.distance(near, middle) + log.distance(middle, far));
    });
  });
}
