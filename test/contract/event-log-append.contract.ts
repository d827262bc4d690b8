import { randomUUID } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { eventIds, type NewEvent, type RecordedEvent, type WriteOutcome } from '#event-log';

import { event, events, sceneForEach, written, type EventLogFactory } from './event-log-under-test.js';

const CLIENT_ID = { idHash: '0123456789abcdef0123456789abcdef', contentHash: 'fedcba9876543210fedcba9876543210' };

/** In log order within each stream: writes of one request to several streams come in any order. */
function byStream(found: readonly RecordedEvent[]): RecordedEvent[] {
  return [...found].sort((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0));
}

export function appendContract(factory: EventLogFactory): void {
  describe('append', () => {
    const scene = sceneForEach(factory);
    const append = async (name: string, expected: 'any' | 'none' | number, ...given: NewEvent[]) => {
      const { log, prefix } = scene();
      const [outcome] = await log.append({ common: {}, writes: [{ stream: prefix + name, expected, events: given }] });
      return outcome!;
    };

    it('keeps every member of an event', async () => {
      const { log, prefix } = scene();
      const given = event({ a: 1 }, { type: 'FirstTested', metadata: { own: true }, clientId: CLIENT_ID });
      const stream = `${prefix}a`;

      const [outcome] = await log.append({
        common: { shared: 'x' },
        writes: [{ stream, expected: 'any', events: [given] }],
      });

      const { position } = written(outcome);
      expect(outcome).toEqual({ outcome: 'written', revision: 0, position });
      const { events: found } = await log.readStream(stream);
      expect(found).toEqual([
        {
          position,
          stream,
          revision: 0,
          id: given.id,
          type: 'FirstTested',
          data: '{"a":1}',
          metadata: { shared: 'x', own: true },
          clientId: CLIENT_ID,
        },
      ]);
    });

    it('answers the last revision and position of each write, in the order of the request', async () => {
      const { log, prefix } = scene();

      const outcomes = await log.append({
        common: {},
        writes: [
          { stream: `${prefix}a`, expected: 'any', events: events(3) },
          { stream: `${prefix}b`, expected: 'none', events: events(1) },
        ],
      });

      const found = byStream(await scene().all());
      expect(outcomes).toEqual([
        { outcome: 'written', revision: 2, position: found[2]!.position },
        { outcome: 'written', revision: 0, position: found[3]!.position },
      ]);
      expect(found.map(({ stream, revision }) => [stream, revision])).toEqual([
        [`${prefix}a`, 0],
        [`${prefix}a`, 1],
        [`${prefix}a`, 2],
        [`${prefix}b`, 0],
      ]);
    });

    it('gives positions that sort as text, all of one length', async () => {
      const positions: string[] = [];
      for (let round = 0; round < 20; round += 1) positions.push(await scene().write('a', event()));

      expect([...positions].sort()).toEqual(positions);
      expect(new Set(positions).size).toBe(20);
      expect(new Set(positions.map((position) => position.length)).size).toBe(1);
      expect((await scene().log.head()) >= positions.at(-1)!).toBe(true);
    });

    it('refuses what does not find the stream as expected, and says where the stream is', async () => {
      const refused = (actual: number): WriteOutcome => ({ outcome: 'refused', actual });

      expect(await append('a', 0, event())).toEqual(refused(-1));
      expect(await append('a', 'none', event())).toMatchObject({ outcome: 'written', revision: 0 });
      expect(await append('a', 'none', event())).toEqual(refused(0));
      expect(await append('a', 1, event())).toEqual(refused(0));
      expect(await append('a', 0, ...events(2))).toMatchObject({ outcome: 'written', revision: 2 });
      expect(await append('a', 0, event())).toEqual(refused(2));
      expect(await append('a', 'any', event())).toMatchObject({ outcome: 'written', revision: 3 });
      expect(await scene().all()).toHaveLength(4);
    });

    it('lets each write see the ones before it in its request', async () => {
      const { log, prefix } = scene();
      const stream = `${prefix}a`;
      const [first, second, third, fourth] = events(4) as [NewEvent, NewEvent, NewEvent, NewEvent];

      const outcomes = await log.append({
        common: {},
        writes: [
          { stream, expected: 'none', events: [first, second] },
          { stream, expected: 'none', events: [event()] },
          { stream, expected: 1, events: [third] },
          { stream, expected: 'any', events: [fourth] },
        ],
      });

      expect(outcomes).toMatchObject([
        { outcome: 'written', revision: 1 },
        { outcome: 'refused', actual: 1 },
        { outcome: 'written', revision: 2 },
        { outcome: 'written', revision: 3 },
      ]);
      const { events: found } = await log.readStream(stream);
      expect(found.map(({ id }) => id)).toEqual([first.id, second.id, third.id, fourth.id]);
    });

    it('answers for each of several writes to a stream its own last revision, and a position that is not before it', async () => {
      const { log, prefix } = scene();
      const writes = [2, 1, 3].map(
        (count) => ({ stream: `${prefix}a`, expected: 'any', events: events(count) }) as const,
      );

      const outcomes = await log.append({ common: {}, writes });

      const found = await scene().all();
      [1, 2, 5].forEach((revision, index) => {
        const { position, ...rest } = written(outcomes[index]);
        expect(rest).toEqual({ outcome: 'written', revision });
        expect(found.slice(revision).map((later) => later.position)).toContain(position);
      });
    });

    it('leaves nothing of a refused write and everything of the others', async () => {
      const { log, prefix } = scene();
      const [before, after] = events(2) as [NewEvent, NewEvent];

      const outcomes = await log.append({
        common: { request: 1 },
        writes: [
          { stream: `${prefix}a`, expected: 'any', events: [before] },
          { stream: `${prefix}b`, expected: 7, events: events(3) },
          { stream: `${prefix}c`, expected: 'any', events: [after] },
        ],
      });

      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['written', 'refused', 'written']);
      expect(await log.readStream(`${prefix}b`)).toEqual({ exists: false, events: [] });
      const found = byStream(await scene().all());
      expect(found.map(({ id, metadata }) => [id, metadata])).toEqual([
        [before.id, { request: 1 }],
        [after.id, { request: 1 }],
      ]);
    });

    it('keeps the order of events of different types', async () => {
      const types = ['A', 'B', 'B', 'A', 'C'];
      await scene().write('a', ...types.map((type) => event({}, { type })));

      const found = await scene().all();
      expect(found.map(({ type, revision }) => [type, revision])).toEqual(types.map((type, index) => [type, index]));
    });

    it.each([
      ['white space', ' { "a" :\n\t1 }\r\n'],
      ['text of all scripts', '{"a":"é 日本語 עברית 👩‍👩‍👧 \u{10FFFF}"}'],
      ['escapes', '{"a":"\\u0000 \\ud800 \\u001e \\/ \\" \\\\"}'],
      ['keys of prototypes', '{"__proto__":{"a":1},"constructor":2,"toString":3}'],
      ['repeated keys', '{"a":1,"a":2}'],
      ['numbers beyond doubles', '{"a":9007199254740993,"b":1e400,"c":0.1000,"d":-0}'],
      ['a number', '5'],
      ['null', 'null'],
      ['an empty object', '{}'],
      ['100 KB', JSON.stringify('x'.repeat(100_000))],
    ])('keeps data verbatim: %s', async (_name, data) => {
      await scene().write('a', event({}, { data }), event({}, { data: '[]' }));

      const found = await scene().all();
      expect(found.map((it) => it.data)).toEqual([data, '[]']);
    });

    it('joins the metadata of an event with that of its request, its own first', async () => {
      const { log, prefix } = scene();
      const own = JSON.parse('{"b":{"c":[null,"own"]},"__proto__":"mine","d":"\u00e9"}') as NewEvent['metadata'];

      await log.append({
        common: { a: 1, b: 'common' },
        writes: [{ stream: `${prefix}a`, expected: 'any', events: [event(), event({}, { metadata: own! }), event()] }],
      });

      const found = await scene().all();
      expect(found.map(({ metadata }) => JSON.stringify(metadata))).toEqual([
        '{"a":1,"b":"common"}',
        '{"a":1,"b":{"c":[null,"own"]},"__proto__":"mine","d":"\u00e9"}',
        '{"a":1,"b":"common"}',
      ]);
    });

    it('keeps client ids, and their absence', async () => {
      await scene().write('a', event({}, { clientId: CLIENT_ID }), event(), event({}, { clientId: CLIENT_ID }));

      const found = await scene().all();
      expect(found.map(({ clientId }) => clientId)).toEqual([CLIENT_ID, undefined, CLIENT_ID]);
      expect(found.map((it) => 'clientId' in it)).toEqual([true, false, true]);
    });

    it.each<[string, string[]]>([
      ['that count up', eventIds(5)],
      ['that count in another order', eventIds(5).reverse()],
      ['that skip some', eventIds(9).filter((_, index) => index % 2 === 0)],
      ['at random', Array.from({ length: 5 }, () => randomUUID())],
      ['of two requests', [...eventIds(3), ...eventIds(2)]],
      ['at the end of their numbers', ['00000000-0000-8000-8000-0000ffffffff', '00000000-0000-8000-8000-000000000000']],
      ['that repeat', Array.from({ length: 3 }, () => '00000000-0000-8000-8000-000000000007')],
    ])('keeps ids %s', async (_name, ids) => {
      const { log, prefix } = scene();
      const given = ids.map((id) => event({}, { id }));

      await log.append({
        common: {},
        writes: [
          { stream: `${prefix}a`, expected: 'any', events: given },
          { stream: `${prefix}b`, expected: 5, events: [event()] },
          { stream: `${prefix}c`, expected: 'any', events: given },
        ],
      });

      const found = byStream(await scene().all());
      expect(found.map(({ id }) => id)).toEqual([...ids, ...ids]);
    });

    it('writes concurrent appends to a stream one behind the other, in the order of the calls', async () => {
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => append('a', 'any', event())));

      const revisions = outcomes.map((outcome) => written(outcome).revision);
      expect(revisions).toEqual(Array.from({ length: 50 }, (_, index) => index));
    });

    it('lets exactly one of concurrent appends at one revision win', async () => {
      await append('a', 'any', event());
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => append('a', 0, event())));

      const others = outcomes.filter(({ outcome }) => outcome !== 'written');
      expect(others).toEqual(Array.from({ length: 49 }, () => ({ outcome: 'refused', actual: 1 })));
      expect(await scene().all()).toHaveLength(2);
    });

    it('lets exactly one of concurrent appends to a new stream win', async () => {
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => append('a', 'none', event())));

      expect(outcomes.filter(({ outcome }) => outcome === 'written')).toHaveLength(1);
      expect(await scene().all()).toHaveLength(1);
    });

    it('goes on after a restart where it was', async () => {
      await append('a', 'any', ...events(3));
      const before = await scene().all();
      await scene().reopen();

      expect(await scene().all()).toEqual(before);
      expect(await append('a', 1, event())).toEqual({ outcome: 'refused', actual: 2 });
      const next = written(await append('a', 2, event()));
      expect(next.revision).toBe(3);
      expect(next.position > before.at(-1)!.position).toBe(true);
    });
  });
}
