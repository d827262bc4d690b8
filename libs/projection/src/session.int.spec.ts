import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { CollectionSpec } from '#read-store';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../test/support/embedded-engines.js';
import { Session } from './session.js';

const VERSION = { projection: 'sessions', version: 1 } as const;
const LINKS = {
  name: 'links',
  key: 'hash',
  columns: { end: 'hash', last: 'time' },
  indexes: [{ name: 'by_end', columns: ['end', 'last'] }],
} as const satisfies CollectionSpec;
const MANY = 2_300;

describe('scans of many values in a page', () => {
  let engines: EmbeddedEngines;
  let session: Session;
  const key = (end: string, last: number): string => end + last.toString(16).padStart(8, '0');
  /** The newest first, as the scans here want them. */
  const keys = (end: string, from: number, to: number): string[] =>
    Array.from({ length: from - to }, (_, i) => key(end, from - 1 - i));

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
    await engines.store.deploy({ ...VERSION, collections: [LINKS] });
    const { epoch } = await engines.store.claim(VERSION);
    const put = (end: string, last: number) =>
      ({ collection: 'links', key: key(end, last), action: 'put', columns: { end, last }, body: '{}' }) as const;
    const writes = [...Array.from({ length: MANY }, (_, last) => put('aa', last)), put('bb', 0), put('bb', 1)];
    await engines.store.commit(VERSION, { epoch, position: '0001', writes });
    session = new Session(engines.store.reader(VERSION), [{ spec: LINKS, codec: 'json', cache: 0 }]);
    session.begin('0002');
  });
  afterEach(() => engines.dispose());

  const scan = (limit: number) =>
    session.scanEach('links', { index: 'by_end', order: 'desc' }, ['cc', 'bb', 'aa'], limit);

  it('answer each, also those of more than one request', async () => {
    expect(await scan(Number.POSITIVE_INFINITY)).toEqual(
      new Map([
        ['cc', []],
        ['bb', keys('bb', 2, 0)],
        ['aa', keys('aa', MANY, 0)],
      ]),
    );
  });

  it('answer as many as are wanted without those that the page has deleted', async () => {
    await session.load('links', keys('aa', MANY, MANY - 3));
    for (const gone of keys('aa', MANY, MANY - 3)) session.delete('links', gone);
    const found = await scan(5);
    expect(found.get('aa')).toEqual(keys('aa', MANY - 3, MANY - 8));
    expect(found.get('bb')).toEqual(keys('bb', 2, 0));
  });
});
