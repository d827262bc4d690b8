import { describe, expect, it } from '@jest/globals';

import { replaceFragment, type RecordChange } from './fragment.js';

const change = (over: Partial<RecordChange>): RecordChange => ({
  attributes: {},
  shown: true,
  sourceTime: undefined,
  ingestedAt: 100,
  position: '0a',
  revision: 0,
  ...over,
});

describe('a record fragment', () => {
  it('is replaced as a whole: attributes that the new record does not have are gone', () => {
    const first = replaceFragment(undefined, change({ attributes: { name: 'Ona', phone: '1' } }));
    const second = replaceFragment(
      first,
      change({ attributes: { name: 'Ona' }, ingestedAt: 200, position: '0b', revision: 1 }),
    );
    expect(second).toEqual({ shown: { name: 'Ona' }, updatedAt: 200, updatedPosition: '0b', revision: 1 });
  });

  it('takes its update time from the item alone: the source time, else the ingestion time', () => {
    const withSource = replaceFragment(undefined, change({ sourceTime: 7 }));
    expect(withSource).toMatchObject({ updatedAt: 7, sourceTime: 7 });
    const without = replaceFragment(withSource, change({ ingestedAt: 200, revision: 1 }));
    expect(without.updatedAt).toBe(200);
    expect(without).not.toHaveProperty('sourceTime');
  });

  it('keeps what shows when a record comes in while the dataset is not enabled, and moves its revision on', () => {
    const shown = replaceFragment(undefined, change({ attributes: { tier: 'gold' } }));
    const hidden = replaceFragment(
      shown,
      change({ attributes: { tier: 'none' }, shown: false, ingestedAt: 200, revision: 1 }),
    );
    expect(hidden).toEqual({
      shown: { tier: 'gold' },
      all: { tier: 'none' },
      updatedAt: 100,
      updatedPosition: '0a',
      revision: 1,
    });
  });

  it('shows nothing when all its records were hidden', () => {
    expect(replaceFragment(undefined, change({ attributes: { a: 1 }, shown: false }))).not.toHaveProperty('shown');
  });
});
