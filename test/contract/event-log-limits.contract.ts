import { describe, expect, it } from '@jest/globals';

import { MAX_EVENT_BYTES, type AppendRequest, type NewEvent, type StreamWrite } from '#event-log';

import { errorCode, event, sceneForEach, type EventLogFactory } from './event-log-under-test.js';

const HASH = '0'.repeat(32);

/** Data of exactly so many bytes of UTF-8. */
function dataOf(bytes: number, character = 'x'): string {
  const room = bytes - 2;
  const width = Buffer.byteLength(character);
  return JSON.stringify(character.repeat(Math.floor(room / width)) + 'x'.repeat(room % width));
}

export function appendLimitsContract(factory: EventLogFactory): void {
  describe('append rejects', () => {
    const scene = sceneForEach(factory);

    it.each<[string, (good: StreamWrite) => Partial<AppendRequest>]>([
      ['without writes', () => ({ writes: [] })],
      ['with a write without events', (good) => ({ writes: [good, { ...good, events: [] }] })],
      ['with a stream without a name', (good) => ({ writes: [good, { ...good, stream: '' }] })],
      ['with a stream that is no text', (good) => ({ writes: [good, { ...good, stream: `${good.stream}\ud800` }] })],
      ['at a revision below 0', (good) => ({ writes: [good, { ...good, expected: -1 }] })],
      ['at a revision between two', (good) => ({ writes: [good, { ...good, expected: 0.5 }] })],
    ])('a request %s, and writes nothing', async (_name, change) => {
      const { log, prefix } = scene();
      const good: StreamWrite = { stream: `${prefix}a`, expected: 'any', events: [event()] };

      expect(await errorCode(log.append({ common: {}, writes: [], ...change(good) }))).toBe('INVALID_REQUEST');
      expect(await scene().all()).toEqual([]);
    });

    it.each<[string, Partial<NewEvent>]>([
      ['an id that is no UUID', { id: 'x' }],
      ['an id in upper case', { id: 'ABCDEF00-0000-8000-8000-000000000000' }],
      ['no type', { type: '' }],
      ['a type that is no text', { type: '\udfff' }],
      ['a lone surrogate', { data: '"\ud800"' }],
      ['a client id that is too short', { clientId: { idHash: HASH, contentHash: HASH.slice(1) } }],
      ['a client id that is no hash', { clientId: { idHash: HASH.replace('0', 'g'), contentHash: HASH } }],
    ])('an event with %s, and writes nothing', async (_name, wrong) => {
      const { log, prefix } = scene();
      const given = [event(), event({}, wrong)];
      const request = { common: {}, writes: [{ stream: `${prefix}a`, expected: 'any', events: given }] } as const;

      expect(await errorCode(log.append(request))).toBe('INVALID_REQUEST');
      expect(await scene().all()).toEqual([]);
    });

    it.each(['x', 'é', '日', '👋'])('an event over the limit in UTF-8, written with %s', async (character) => {
      const { log, prefix } = scene();
      const largest = dataOf(MAX_EVENT_BYTES, character);
      const tooLarge = dataOf(MAX_EVENT_BYTES + 1, character);
      const write = (name: string, data: string): StreamWrite => ({
        stream: prefix + name,
        expected: 'any',
        events: [event({}, { data })],
      });

      await log.append({ common: {}, writes: [write('a', largest)] });
      const rejected = log.append({ common: {}, writes: [write('b', '{}'), write('c', tooLarge)] });

      expect(await errorCode(rejected)).toBe('EVENT_TOO_LARGE');
      const found = await scene().all();
      expect(found.map(({ stream }) => stream)).toEqual([`${prefix}a`]);
      expect(found[0]!.data === largest).toBe(true);
    });
  });

  describe('append under pressure', () => {
    const scene = sceneForEach(factory, { maxBytesInFlight: 1_000 });

    it('takes a request of any size alone, refuses more, and takes them again later', async () => {
      const large = event({}, { data: dataOf(5_000) });
      const first = scene().write('a', large);
      const tooMuch = await errorCode(scene().write('b', event()));
      await first;
      await scene().write('c', event());

      expect(tooMuch).toBe('TOO_MANY_REQUESTS');
      const found = await scene().all();
      expect(found.map(({ stream }) => stream)).toEqual([scene().stream('a'), scene().stream('c')]);
    });

    it('takes as many small ones at once as there is room for', async () => {
      const data = dataOf(100);
      const codes = await Promise.all(
        Array.from({ length: 12 }, (_, index) => errorCode(scene().write(`s${index}`, event({}, { data })))),
      );

      expect(codes).toEqual([...Array<string>(10).fill('no error'), 'TOO_MANY_REQUESTS', 'TOO_MANY_REQUESTS']);
    });
  });
}
