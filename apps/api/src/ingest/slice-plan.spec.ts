import { describe, expect, it } from '@jest/globals';

import type { AcceptedItem } from '#profile';

import { planWrites, revisionOf } from './slice-plan.js';

const item = (stream: string, name: string, overrides: Partial<AcceptedItem> = {}): AcceptedItem => ({
  outcome: 'accepted',
  stream,
  eventType: 'RecordIngested',
  owner: { namespace: 'CRMID', id: '7' },
  ownerRef: '00',
  text: name,
  data: name,
  metadata: undefined,
  clientId: undefined,
  expected: 'any',
  warnings: [],
  ...overrides,
});

const ids = (count: number) => Array.from({ length: count }, (_, i) => `id${i}`);
const summary = (items: readonly AcceptedItem[]) =>
  planWrites(items, ids).writes.map(
    ({ stream, expected, events }) => `${stream} ${expected} ${events.map(({ data }) => data).join()}`,
  );

describe('planWrites', () => {
  it('makes one write per stream, in request order', () => {
    expect(summary([item('s', 'a'), item('t', 'b'), item('s', 'c')])).toEqual(['s any a,c', 't any b']);
  });

  it('gives ids out in the order of the events in the request', () => {
    const { writes } = planWrites([item('s', 'a'), item('t', 'b'), item('s', 'c')], ids);
    expect(writes.map(({ events }) => events.map(({ id }) => id))).toEqual([['id0', 'id1'], ['id2']]);
  });

  it('lets items with a condition stand alone, between those before and behind them', () => {
    const items = [
      item('s', 'a'),
      item('s', 'b', { expected: 0 }),
      item('s', 'c'),
      item('s', 'd'),
      item('s', 'e', { expected: 'none' }),
    ];
    expect(summary(items)).toEqual(['s any a', 's 0 b', 's any c,d', 's none e']);
  });

  it('keeps a write below what an engine takes in one append', () => {
    const large = 'x'.repeat(200_000);
    expect(
      planWrites([item('s', large), item('s', large), item('s', 'y')], ids).writes.map(({ events }) => events.length),
    ).toEqual([1, 2]);
  });

  it('carries source time and fingerprints where there are any', () => {
    const clientId = { idHash: '1', contentHash: '2' };
    const [write] = planWrites([item('s', 'a', { metadata: { sourceTime: 5 }, clientId })], ids).writes;
    expect(write?.events).toEqual([
      { id: 'id0', type: 'RecordIngested', data: 'a', metadata: { sourceTime: 5 }, clientId },
    ]);
  });
});

describe('revisionOf', () => {
  it('counts back from the last event of the write', () => {
    const plan = planWrites([item('s', 'a'), item('t', 'b'), item('s', 'c')], ids);
    const written = { outcome: 'written', revision: 7, position: 'p' } as const;
    expect(plan.places.map((place) => revisionOf(plan, place, written))).toEqual([6, 7, 7]);
  });
});
