import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { CollectionSpec, ScanOptions, StoredDocument } from '#read-store';

import { ReadStoreArbitraries } from './read-store-arbitraries.js';
import {
  at,
  deployAndClaim,
  expectMistake,
  keysOf,
  NOTES,
  PEOPLE,
  put,
  type ClaimedVersion,
  type ContractContext,
} from './read-store-fixture.js';
import { placeAfter, scanModel } from './read-store-model.js';

export function scansContract(context: ContractContext): void {
  describe('a scan', () => {
    let version: ClaimedVersion;

    beforeEach(async () => {
      version = await deployAndClaim(context.store());
    });

    const scan = async (collection: CollectionSpec, options: Omit<ScanOptions, 'limit'>): Promise<string[]> =>
      keysOf(await version.reader.scan(collection.name, { limit: 100, ...options }));

    it('of nothing answers nothing', async () => {
      expect(await scan(PEOPLE, {})).toEqual([]);
      expect(await scan(PEOPLE, { index: 'by_team', equals: ['0a'] })).toEqual([]);
    });

    it('goes through hash keys byte by byte, a prefix before what it begins', async () => {
      await version.commit(at(1), ...['ff', '0a00', '0a', '00', '0aff', '0b'].map((key) => put(PEOPLE, key)));
      expect(await scan(PEOPLE, {})).toEqual(['00', '0a', '0a00', '0aff', '0b', 'ff']);
      expect(await scan(PEOPLE, { order: 'desc' })).toEqual(['ff', '0b', '0aff', '0a00', '0a', '00']);
      expect(await scan(PEOPLE, { keyPrefix: '0a' })).toEqual(['0a', '0a00', '0aff']);
      expect(await scan(PEOPLE, { keyPrefix: 'ff' })).toEqual(['ff']);
      expect(await scan(PEOPLE, { keyPrefix: '' })).toHaveLength(6);
      expect(await scan(PEOPLE, { from: '0a', to: '0b' })).toEqual(['0a', '0a00', '0aff']);
    });

    const itByBytes = context.textOrder === 'utf-8' ? it : it.skip;
    itByBytes('goes through text keys by their UTF-8 bytes', async () => {
      // By UTF-16 code units, U+1F600 would come before U+FF5E.
      const keys = ['Z', 'a', 'é', '\u{ff5e}', '\u{1f600}'];
      await version.commit(at(1), ...keys.toReversed().map((key) => put(NOTES, key, { topic: key })));
      expect(await scan(NOTES, {})).toEqual(keys);
      expect(await scan(NOTES, { order: 'desc' })).toEqual(keys.toReversed());
      expect(await scan(NOTES, { index: 'by_topic' })).toEqual(keys);
      expect(await scan(NOTES, { from: '\u{ff5e}' })).toEqual(keys.slice(3));
      expect(await scan(NOTES, { keyPrefix: '\u{1f600}' })).toEqual(keys.slice(4));
    });

    it('by an index gives whole documents, or documents without bodies', async () => {
      const columns = { team: '0a', seen: 5, members: ['01'], city: 'Rome', level: 2, kind: 'crm', badge: 'cd' };
      await version.commit(at(9), put(PEOPLE, 'a1', columns, 'body'));
      const options = { index: 'by_team', equals: ['0a'], limit: 5 };
      const document = { key: 'a1', position: at(9), columns };
      expect(await version.reader.scan('people', options)).toEqual([{ ...document, body: 'body' }]);
      expect(await version.reader.scan('people', { ...options, body: false })).toEqual([{ ...document, body: '' }]);
    });

    it('by an index is in the order of the column after the fixed ones, then of the key', async () => {
      await version.commit(
        at(1),
        put(PEOPLE, '03', { team: '0a', seen: 10 }),
        put(PEOPLE, '01', { team: '0a', seen: 20 }),
        put(PEOPLE, '02', { team: '0a', seen: 10 }),
        put(PEOPLE, '04', { team: '0b', seen: 15 }),
        put(PEOPLE, '05', { team: '0a' }),
        put(PEOPLE, '06', { seen: 1 }),
      );
      const ofTeam = { index: 'by_team', equals: ['0a'] };
      expect(await scan(PEOPLE, ofTeam)).toEqual(['02', '03', '01']);
      expect(await scan(PEOPLE, { ...ofTeam, order: 'desc' })).toEqual(['01', '03', '02']);
      expect(await scan(PEOPLE, { ...ofTeam, from: 10, to: 20 })).toEqual(['02', '03']);
      expect(await scan(PEOPLE, { index: 'by_team', equals: ['0a', 10] })).toEqual(['02', '03']);
      expect(await scan(PEOPLE, { index: 'by_team' })).toEqual(['01', '02', '03', '04']);
      expect(await scan(PEOPLE, { index: 'by_seen' })).toEqual(['06', '02', '03', '04', '01']);
    });

    it('backwards by an index of two columns is the reverse, place by place, without documents that lack either', async () => {
      await version.commit(
        at(1),
        put(PEOPLE, '01', { city: 'Oslo', level: 1 }),
        put(PEOPLE, '02', { city: 'Oslo', level: 2 }),
        put(PEOPLE, '03', { city: 'Oslo', level: 2 }),
        put(PEOPLE, '04', { city: 'Rome', level: 0 }),
        put(PEOPLE, '05', { city: 'Oslo' }),
        put(PEOPLE, '06', { level: 2 }),
        put(PEOPLE, '07'),
      );
      const backwards = { index: 'by_city', order: 'desc' } as const;
      const ofOslo = { ...backwards, equals: ['Oslo'] };
      expect(await scan(PEOPLE, backwards)).toEqual(['04', '03', '02', '01']);
      expect(await scan(PEOPLE, ofOslo)).toEqual(['03', '02', '01']);
      expect(await scan(PEOPLE, { ...ofOslo, after: { value: 2, key: '03' } })).toEqual(['02', '01']);
      expect(await scan(PEOPLE, { ...ofOslo, after: { value: 2, key: '02' } })).toEqual(['01']);
      expect(await scan(PEOPLE, { ...ofOslo, equals: ['Oslo', 2], after: { key: '03' } })).toEqual(['02']);
      const everything = ['07', '06', '05', '04', '03', '02', '01'];
      expect(await scan(PEOPLE, { keyPrefix: '', order: 'desc' })).toEqual(everything);
      expect(await scan(PEOPLE, { keyPrefix: '', order: 'desc', after: { key: '06' } })).toEqual(everything.slice(2));
    });

    it('with an empty prefix of text keys goes through all of them', async () => {
      await version.commit(at(1), put(NOTES, 'b'), put(NOTES, ''), put(NOTES, 'a'));
      expect(await scan(NOTES, { keyPrefix: '' })).toEqual(['', 'a', 'b']);
      expect(await scan(NOTES, { keyPrefix: '', order: 'desc' })).toEqual(['b', 'a', '']);
    });

    it('filters by columns in and out of an index', async () => {
      await version.commit(
        at(1),
        put(PEOPLE, '01', { city: 'Rome', level: 1, kind: 'crm' }),
        put(PEOPLE, '02', { city: 'Rome', level: 2, kind: 'web' }),
        put(PEOPLE, '03', { city: 'Oslo', level: 1, kind: 'crm', badge: 'cd' }),
      );
      expect(await scan(PEOPLE, { where: { kind: 'crm' } })).toEqual(['01', '03']);
      expect(await scan(PEOPLE, { index: 'by_city', equals: ['Rome'], where: { kind: 'web' } })).toEqual(['02']);
      expect(await scan(PEOPLE, { where: { kind: 'crm', badge: 'cd', level: 1 } })).toEqual(['03']);
      expect(await scan(PEOPLE, { where: { kind: 'shop' } })).toEqual([]);
    });

    it('goes on behind a document even when that one is gone', async () => {
      await version.commit(at(1), ...['01', '03', '05'].map((key) => put(PEOPLE, key, { seen: 7 })));
      expect(await scan(PEOPLE, { after: { key: '02' } })).toEqual(['03', '05']);
      expect(await scan(PEOPLE, { after: { key: '04' }, order: 'desc' })).toEqual(['03', '01']);
      expect(await scan(PEOPLE, { index: 'by_seen', after: { value: 7, key: '01' } })).toEqual(['03', '05']);
      expect(await scan(PEOPLE, { index: 'by_seen', after: { value: 6, key: 'ff' } })).toEqual(['01', '03', '05']);
    });

    it.each<[string, CollectionSpec, ScanOptions]>([
      ['an unknown collection', { ...NOTES, name: 'animals' }, { limit: 1 }],
      ['an unknown index', NOTES, { index: 'by_name', limit: 1 }],
      ['an index on members', PEOPLE, { index: 'by_member', equals: ['0a'], limit: 1 }],
      ['more values than the index has columns', NOTES, { index: 'by_topic', equals: ['a', 'b'], limit: 1 }],
      ['fixed values without an index', NOTES, { equals: ['a'], limit: 1 }],
      ['a range where no column is left for it', NOTES, { index: 'by_topic', equals: ['a'], from: 'b', limit: 1 }],
      ['a key prefix by an index', NOTES, { index: 'by_topic', keyPrefix: 'a', limit: 1 }],
      ['a place without its value', NOTES, { index: 'by_topic', after: { key: 'a' }, limit: 1 }],
      ['a place with a value that has no column', NOTES, { after: { value: 'a', key: 'a' }, limit: 1 }],
      ['a filter on an unknown column', NOTES, { where: { colour: 'red' }, limit: 1 }],
      ['a filter on members', PEOPLE, { where: { members: '0a' }, limit: 1 }],
      ['a value of another type', PEOPLE, { index: 'by_team', equals: [5], limit: 1 }],
      ['half a byte as a prefix', PEOPLE, { keyPrefix: 'a', limit: 1 }],
      ['no limit', NOTES, { limit: 0 }],
      ['a limit that is no number', NOTES, { limit: Number.NaN }],
    ])('with %s is a mistake', async (_name, collection, options) => {
      await expectMistake(version.reader.scan(collection.name, options));
    });

    it('of several values answers each of them as a scan of its own, also where one has more than one request reads', async () => {
      const teams = ['0a', '0b', '0c', '0d'];
      const sizes = [3, 2_500, 0, 900];
      const people = teams.flatMap((team, t) =>
        Array.from({ length: sizes[t] ?? 0 }, (_, i) => {
          const key = `${team}${i.toString(16).padStart(6, '0')}`;
          return put(PEOPLE, key, { team, seen: (i * 7) % 1_000 });
        }),
      );
      await version.commit(at(1), ...people, put(PEOPLE, 'ee', { team: '0a' }));
      const values = [...teams.toReversed(), 'ff'];
      for (const limit of [1, 2, 700, 2_500, 5_000]) {
        for (const order of ['asc', 'desc'] as const) {
          const each = values.map((team) => scanOf(version, { index: 'by_team', equals: [team], order, limit }));
          const together = await version.reader.scanEach(PEOPLE.name, { index: 'by_team', values, order, limit });
          expect(together).toEqual(await Promise.all(each));
        }
      }
      expect(await version.reader.scanEach(PEOPLE.name, { index: 'by_team', values: [], limit: 1 })).toEqual([]);
    });

    it('of several values wants what a scan wants', async () => {
      for (const [index, values, limit] of [
        ['by_member', ['0a'], 1],
        ['by_nothing', ['0a'], 1],
        ['by_team', [5], 1],
        ['by_team', ['0a'], 0],
      ] as const) {
        await expectMistake(version.reader.scanEach(PEOPLE.name, { index, values: [...values], limit }));
      }
    });

    it.each([PEOPLE, NOTES])('of $name walks every document once, as the model does', async (spec) => {
      const arbitraries = new ReadStoreArbitraries(context.textOrder);
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          arbitraries.documentsOf(spec),
          fc.array(arbitraries.scansOf(spec), { minLength: 1, maxLength: 8 }),
          async (all, scans) => {
            run += 1;
            const fresh = await deployAndClaim(context.store(), { ...version.layout, version: 100 + run });
            const writes = all.map(({ key, columns, body }) => put(spec, key, columns, body));
            await fresh.commit(at(1), ...writes);
            const documents = all.map((document) => ({ ...document, position: at(1) }));
            for (const options of scans) {
              const expected = scanModel(spec, documents, { ...options, limit: Infinity });
              expect(await fresh.reader.scan(spec.name, options)).toEqual(expected.slice(0, options.limit));
              expect(await walk(fresh, spec, options)).toEqual(expected);
            }
            await context.store().drop(fresh.layout);
          },
        ),
        { numRuns: 60 },
      );
    });
  });
}

function scanOf({ reader }: ClaimedVersion, options: ScanOptions): Promise<readonly StoredDocument[]> {
  return reader.scan(PEOPLE.name, options);
}

/** Every page of a scan, one after the other. */
async function walk(version: ClaimedVersion, spec: CollectionSpec, options: ScanOptions): Promise<StoredDocument[]> {
  const walked: StoredDocument[] = [];
  for (let next = options; ;) {
    const page = await version.reader.scan(spec.name, next);
    walked.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < options.limit) return walked;
    const after = placeAfter(spec, options, last);
    next = { ...options, ...(after && { after }) };
  }
}
