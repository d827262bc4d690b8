import { describe, expect, it } from '@jest/globals';

import { ItemResults, type ItemResult, type ResultsWanted } from './item-results.js';

interface Answer {
  readonly results: readonly ItemResult[];
  readonly truncated?: boolean;
}

function answer(wanted: ResultsWanted, results: Iterable<ItemResult>): Answer {
  const gathered = new ItemResults(wanted);
  for (const result of results) gathered.add(result);
  return JSON.parse(gathered.toJson()) as Answer;
}

const accepted = (index: number): ItemResult => ({ index, status: 'accepted', revision: 0 });
const refused = (index: number): ItemResult => ({
  index,
  status: 'rejected',
  code: 'SCHEMA_VIOLATION',
  errors: [{ path: 'a', message: 'must be string' }],
});

describe('ItemResults', () => {
  it('lists what is refused, a duplicate or warned of, and counts all', () => {
    const duplicate: ItemResult = { index: 2, line: 4, status: 'duplicate', code: 'DUPLICATE' };
    const warned: ItemResult = { index: 3, status: 'accepted', code: 'NOT_ENABLED', revision: 1 };
    expect(answer('notable', [accepted(0), refused(1), duplicate, warned])).toEqual({
      accepted: 2,
      rejected: 1,
      duplicates: 1,
      results: [refused(1), duplicate, warned],
    });
  });

  it('lists every item when asked to', () => {
    expect(answer('all', [accepted(0), refused(1)]).results).toEqual([accepted(0), refused(1)]);
  });

  it('says when it stopped listing, and goes on counting', () => {
    const exactly = answer(
      'notable',
      Array.from({ length: 1_000 }, (_, i) => refused(i)),
    );
    expect(exactly.results).toHaveLength(1_000);
    expect(exactly.truncated).toBeUndefined();
    const more = answer(
      'notable',
      Array.from({ length: 1_500 }, (_, i) => refused(i)),
    );
    expect(more).toMatchObject({ rejected: 1_500, truncated: true });
    expect(more.results).toHaveLength(1_000);
  });

  it('stays small however long the paths and however many the items', () => {
    const long: ItemResult = { ...refused(0), errors: [{ path: '😀'.repeat(50_000), message: 'm'.repeat(50_000) }] };
    const [result] = answer('notable', [long]).results;
    expect(result?.errors?.[0]?.path.length).toBeLessThanOrEqual(301);
    expect(result?.errors?.[0]?.path.isWellFormed()).toBe(true);
    expect(result?.errors?.[0]?.message.length).toBeLessThanOrEqual(301);
    const many = new ItemResults('all');
    for (let index = 0; index < 500_000; index += 1) many.add(accepted(index));
    expect(many.toJson().length).toBeLessThan(18_000_000);
    expect(many.counts.accepted).toBe(500_000);
  });
});
