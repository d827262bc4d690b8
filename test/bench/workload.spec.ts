import { describe, expect, it } from '@jest/globals';
import type { RetailRow } from '../../apps/cli/src/retail/retail-row.js';
import { preparePart } from './prepared-part.js';
import { FULL_SCALES } from './scales.js';
import { type Variant, workload } from './workload.js';

/** Rows of some customers and some invoices without one; every tenth row is a cancellation. */
function rows(count: number): readonly RetailRow[] {
  return Array.from({ length: count }, (_, index) => ({
    invoice: `${index % 10 === 9 ? 'C' : ''}${Math.floor(index / 3)}`,
    stockCode: 'A',
    description: undefined,
    quantity: '2',
    timestamp: '2011-01-01T00:00:00Z',
    unitPrice: '2.55',
    customerId: index % 4 === 0 ? undefined : String(index % 7),
    country: 'France',
  }));
}

const SCALES = {
  ...FULL_SCALES,
  itemsPerRequest: 7,
  warmUpItems: 20,
  steadyItemsPerSecond: 10,
  steadyItemsPerRequest: 5,
  steadySeconds: 4,
  saturatedItems: { least: 30, most: 30 },
};

/** Ids of everything that is sent, in the order of phases. */
function sentIds(variant: Variant): readonly string[] {
  const prepared = preparePart(workload(variant, rows(100)), 100, SCALES);
  const requests = [prepared.warmUp, prepared.load, prepared.steady, prepared.saturated].flat();
  return requests.flatMap(({ body }) =>
    new TextDecoder()
      .decode(body)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { _id?: string; $messageId?: string })
      .map((item) => item._id ?? item.$messageId ?? ''),
  );
}

describe.each(['easy', 'hard'] as const)('the %s workload', (variant) => {
  it('sends no id twice: a duplicate would be cheaper than what is measured', () => {
    const ids = sentIds(variant);

    expect(ids).not.toContain('');
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is the same in every run', () => {
    expect(sentIds(variant)).toEqual(sentIds(variant));
  });

  it('sends the whole part, and as much as the other phases need', () => {
    const items = workload(variant, rows(100));
    const { load, steady, saturated, warmUp, totalItems } = preparePart(items, 100, SCALES);

    const count = (requests: typeof load): number => requests.reduce((sum, request) => sum + request.items, 0);
    expect(count(load)).toBe(100 + items.records.length);
    expect([count(steady), count(saturated), count(warmUp)]).toEqual([40, 30, 20]);
    expect(totalItems).toBe(count(load) + 90);
  });
});

describe('the requests of a workload', () => {
  it('hold one dataset each', () => {
    const { load } = preparePart(workload('easy', rows(100)), 100, SCALES);

    for (const { path, body } of load) {
      const text = new TextDecoder().decode(body);
      const types = new Set(text.match(/commerce\.[a-z]+|\$messageId/g));
      const [, dataset = ''] = /^\/v1\/datasets\/([a-z]+)\//.exec(path) ?? [];
      expect([...types]).toEqual([dataset === 'customers' ? '$messageId' : `commerce.${dataset}`]);
    }
  });

  it('touch the profiles that are looked up', () => {
    const easy = preparePart(workload('easy', rows(100)), 100, { ...SCALES, lookupProfiles: 1_000 });
    const some = preparePart(workload('easy', rows(100)), 100, { ...SCALES, lookupProfiles: 3 });

    expect(easy.profilePaths).toContain('/v1/profiles/CRMID/1');
    expect(easy.profilePaths).toContain('/v1/profiles/BASKET/0');
    expect(new Set(easy.profilePaths).size).toBe(easy.profilePaths.length);
    expect(some.profilePaths.length).toBeLessThan(easy.profilePaths.length);
  });
});
