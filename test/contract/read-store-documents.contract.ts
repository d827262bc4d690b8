import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { DocumentWrite } from '#read-store';

import {
  at,
  deployAndClaim,
  expectMistake,
  NOTES,
  PEOPLE,
  put,
  type ClaimedVersion,
  type ContractContext,
} from './read-store-fixture.js';

const ALL_COLUMNS = {
  members: ['0a', 'ff00', '0b'],
  team: '00ff',
  city: 'Zürich 😀',
  level: -3,
  seen: 1_291_191_960_000,
  kind: 'crm',
  badge: 'abcdef',
};

export function documentsContract(context: ContractContext): void {
  describe('documents', () => {
    let version: ClaimedVersion;

    beforeEach(async () => {
      version = await deployAndClaim(context.store());
    });

    it('come back with every column, their body and the position of their commit', async () => {
      await version.commit(at(7), put(PEOPLE, 'a1', ALL_COLUMNS, '{"name":"Ona"}'));
      expect(await version.reader.get('people', ['a1'])).toEqual([
        { key: 'a1', position: at(7), columns: ALL_COLUMNS, body: '{"name":"Ona"}' },
      ]);
    });

    it('come back aligned with the keys that were asked for', async () => {
      await version.commit(at(1), put(PEOPLE, 'a1', {}, '1'), put(PEOPLE, 'b2', {}, '2'));
      const found = await version.reader.get('people', ['b2', 'c3', 'a1', 'b2']);
      expect(found.map((document) => document?.body)).toEqual(['2', undefined, '1', '2']);
      expect(await version.reader.get('people', [])).toEqual([]);
    });

    it('come back without the body on request', async () => {
      await version.commit(at(7), put(PEOPLE, 'a1', ALL_COLUMNS, '{"name":"Ona"}'));
      const found = await version.reader.get('people', ['a1', 'b2'], { body: false });
      expect(found).toEqual([{ key: 'a1', position: at(7), columns: ALL_COLUMNS, body: '' }, undefined]);
    });

    it.each([
      ['no member', { members: [] }],
      ['an empty text', { city: '', kind: '' }],
      ['zero', { level: 0, seen: 0 }],
      ['the largest numbers', { level: Number.MAX_SAFE_INTEGER, seen: Number.MIN_SAFE_INTEGER }],
      ['an empty hash', { team: '', badge: '' }],
      ['texts that look like numbers', { city: '5', kind: '1e3' }],
    ])('keep %s apart from a column that was left out', async (_name, columns) => {
      await version.commit(at(1), put(PEOPLE, 'a1', columns));
      expect((await version.get(PEOPLE, 'a1'))?.columns).toEqual(columns);
    });

    it.each([
      ['a prototype key', '{"__proto__":{"a":1},"constructor":2}'],
      ['white space', ' {\n"b" : 1,\t"a": 1.0 }\r\n'],
      ['no object', 'just text'],
      ['nothing', ''],
      ['a zero character and emoji', '{"a":"\u0000😀\uffff"}'],
      ['a megabyte', JSON.stringify({ text: 'é'.repeat(512 * 1_024) })],
    ])('keep a body with %s verbatim', async (_name, body) => {
      await version.commit(at(1), put(NOTES, 'a', {}, body));
      expect((await version.get(NOTES, 'a'))?.body).toBe(body);
    });

    it('have keys of text that are told apart by every character', async () => {
      const keys = ['', 'a', 'A', '\u00e1', 'a\u0301', 'a ', 'a/b?c=%20', '😀', '\u0000', '__proto__', '1', '01'];
      await version.commit(at(1), ...keys.map((key) => put(NOTES, key, {}, JSON.stringify(key))));
      const found = await version.reader.get('notes', keys);
      expect(found.map((document) => document?.key)).toEqual(keys);
      expect(found.map((document) => document?.body)).toEqual(keys.map((key) => JSON.stringify(key)));
    });

    it('are replaced as a whole by a later put', async () => {
      await version.commit(at(1), put(PEOPLE, 'a1', ALL_COLUMNS, 'old'));
      await version.commit(at(2), put(PEOPLE, 'a1', { city: 'Oslo' }, 'new'));
      const document = { key: 'a1', position: at(2), columns: { city: 'Oslo' }, body: 'new' };
      expect(await version.get(PEOPLE, 'a1')).toEqual(document);
      expect(await version.reader.count('people')).toBe(1);
    });

    it.each([
      ['the same position', 5],
      ['an earlier position', 4],
    ])('are left as they are by a put at %s', async (_name, position) => {
      await version.commit(at(5), put(PEOPLE, 'a1', ALL_COLUMNS, 'first'), put(NOTES, 'n', {}, 'first'));
      await version.commit(at(position), put(PEOPLE, 'a1', { city: 'Oslo' }, 'late'), put(NOTES, 'n', {}, 'late'));
      expect(await version.get(PEOPLE, 'a1')).toMatchObject({ position: at(5), columns: ALL_COLUMNS, body: 'first' });
      expect(await version.get(NOTES, 'n')).toMatchObject({ position: at(5), body: 'first' });
    });

    it('end the same in whatever order and however often commits arrive', async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(deliveries(), async ({ commits, order }) => {
          run += 1;
          const fresh = await deployAndClaim(context.store(), { ...version.layout, version: 100 + run });
          for (const i of [...order, ...commits.keys()]) {
            await fresh.commit(at(i + 1), ...commits[i]!.map(([key, city]) => putCity(key, city, i)));
          }
          for (const key of KEYS) {
            const last = commits.findLastIndex((commit) => commit.some(([written]) => written === key));
            expect((await fresh.get(PEOPLE, key))?.position).toBe(last === -1 ? undefined : at(last + 1));
          }
          await context.store().drop(fresh.layout);
        }),
        { numRuns: 25 },
      );
    });

    it('are all written by a commit of thousands', async () => {
      const keys = Array.from({ length: 5_000 }, (_, i) => (i * 7_919).toString(16).padStart(16, '0'));
      await version.commit(at(1), ...keys.map((key, i) => put(PEOPLE, key, { members: [key] }, String(i))));
      expect(await version.reader.count('people')).toBe(keys.length);
      const found = await version.reader.get('people', keys);
      expect(found.map((document) => document?.body)).toEqual(keys.map((_, i) => String(i)));
    });

    it('of one name in two collections have nothing to do with each other', async () => {
      await version.commit(at(1), put(PEOPLE, 'a1', {}, 'person'), put(NOTES, 'a1', {}, 'note'));
      expect((await version.get(PEOPLE, 'a1'))?.body).toBe('person');
      expect((await version.get(NOTES, 'a1'))?.body).toBe('note');
    });
  });

  describe('a commit that is a mistake', () => {
    let version: ClaimedVersion;

    beforeEach(async () => {
      version = await deployAndClaim(context.store());
      await version.commit(at(1), put(NOTES, 'before', {}, 'kept'));
    });

    it.each<[string, DocumentWrite]>([
      ['an unknown collection', { ...put(PEOPLE, 'a1'), collection: 'animals' }],
      ['an unknown column', put(PEOPLE, 'a1', { colour: 'red' })],
      ['a key that is not hexadecimal', put(PEOPLE, 'xy')],
      ['a key with half a byte', put(PEOPLE, 'abc')],
      ['a hash that is not hexadecimal', put(PEOPLE, 'a1', { team: 'red' })],
      ['a member that is not hexadecimal', put(PEOPLE, 'a1', { members: ['0a', '0'] })],
      ['a single member outside a list', put(PEOPLE, 'a1', { members: '0a' })],
      ['a number for a text', put(PEOPLE, 'a1', { city: 5 })],
      ['a text for a number', put(PEOPLE, 'a1', { level: '5' })],
      ['a fraction', put(PEOPLE, 'a1', { level: 0.5 })],
      ['a number that cannot be kept exactly', put(PEOPLE, 'a1', { seen: 2 ** 53 })],
      ['a lone surrogate in a key', put(NOTES, 'a\ud800')],
      ['a lone surrogate in a column', put(NOTES, 'a', { topic: '\udc00' })],
      ['a lone surrogate in a body', put(NOTES, 'a', {}, '"\ud83d"')],
      ['a key for the second time', put(NOTES, 'fine', {}, 'twice')],
    ])('because of %s leaves everything as it was', async (_name, mistake) => {
      await expectMistake(version.commit(at(2), put(NOTES, 'fine'), mistake));
      expect(await version.reader.count('notes')).toBe(1);
      expect(await version.reader.count('people')).toBe(0);
      expect((await context.store().checkpoint(version.layout))?.position).toBe(at(1));
      await version.commit(at(2), put(NOTES, 'fine', { topic: 'x' }));
      expect((await version.get(NOTES, 'fine'))?.columns).toEqual({ topic: 'x' });
    });
  });
}

const KEYS = ['01', '02', '03', '04'];

function putCity(key: string, city: string, i: number): DocumentWrite {
  // With members, so that indexes have to follow as well.
  return put(PEOPLE, key, { city, members: [key, at(i)] }, city);
}

interface Deliveries {
  /** Key and city of each document of each commit; the index is its place in the log. */
  readonly commits: readonly (readonly (readonly [string, string])[])[];
  /** Which commits arrive before the whole log is delivered once more, in order. */
  readonly order: readonly number[];
}

function deliveries(): fc.Arbitrary<Deliveries> {
  const write = fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom('Rome', 'Oslo'));
  const commit = fc.uniqueArray(write, { selector: ([key]) => key, maxLength: KEYS.length });
  return fc.array(commit, { minLength: 1, maxLength: 8 }).chain((commits) =>
    fc.record({
      commits: fc.constant(commits),
      order: fc.array(fc.nat(commits.length - 1), { maxLength: 16 }),
    }),
  );
}
