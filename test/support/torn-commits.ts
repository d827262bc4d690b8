import type { JsonObject } from '#core';

import { crm, email, type GivenItem } from './ingested.js';
import type { Tear } from './tearing-store.js';

type Example = [items: GivenItem[], pageSizes: number[], tears: Tear[]];

const EVENT: JsonObject = { timestamp: '2026-01-01T00:00:00.000Z' };
const ONE = crm('1');
const TWO = crm('2');
const MAIL = email('a');

const event = (owner: GivenItem['owner'], id: string, over: Partial<GivenItem> = {}): GivenItem => ({
  dataset: 'orders',
  owner,
  item: { _id: id, ...EVENT },
  ...over,
});
const record = (owner: GivenItem['owner'], over: Partial<GivenItem> = {}): GivenItem => ({
  dataset: 'crm',
  owner,
  item: {},
  ...over,
});
const deleted = (owner: GivenItem['owner'], dataset: string): GivenItem => ({
  dataset,
  owner,
  item: {},
  lifecycle: { type: 'FragmentDeleted' },
});
const reverted = (owner: GivenItem['owner']): GivenItem => ({
  dataset: 'orders',
  owner,
  item: {},
  lifecycle: { type: 'BatchItemsReverted', batch: 'b1' },
});

/** What the property has found once; each was a defect of its own. */
export const TORN_COMMITS: Example[] = [
  // A profile that was absorbed, and cannot be deleted yet because it is ahead of the page.
  [
    [
      event(MAIL, 'e'),
      event(ONE, 'e'),
      deleted(ONE, 'crm'),
      event(ONE, 'f', { others: [MAIL] }),
      deleted(ONE, 'orders'),
      deleted(ONE, 'crm'),
    ],
    [3, 1],
    [
      { at: 3, written: 67, shuffle: 0 },
      { at: 0, written: 0, shuffle: 0 },
      { at: 4, written: 55, shuffle: 0 },
    ],
  ],
  // A link that the torn commit had removed, while the profile that it joined was still one.
  [
    [
      event(ONE, 'e', { others: [TWO], batch: 'b1' }),
      record(MAIL, { others: [TWO], shown: false }),
      record(ONE, { others: [TWO], shown: false }),
      reverted(ONE),
    ],
    [2, 1],
    [{ at: 1, written: 46, shuffle: 0 }],
  ],
  // An absorbed profile whose members another document had brought along.
  [
    [
      record(ONE),
      deleted(ONE, 'crm'),
      event(MAIL, 'e'),
      deleted(ONE, 'crm'),
      event(ONE, 'e', { others: [MAIL] }),
      deleted(ONE, 'orders'),
      event(ONE, 'f'),
    ],
    [4],
    [
      { at: 0, written: 0, shuffle: 0 },
      { at: 2, written: 56, shuffle: 0 },
    ],
  ],
  // A part that has as many members as the whole had, but others.
  [
    [
      event(ONE, 'f'),
      record(ONE, { item: { city: '1' } }),
      event(ONE, 'e', { others: [TWO], batch: 'b1' }),
      event(ONE, 'e'),
      event(MAIL, 'e', { others: [TWO] }),
      reverted(ONE),
    ],
    [2],
    [],
  ],
  // A record that comes again before its delete, below a profile that has had both.
  [
    [
      record(MAIL),
      record(ONE),
      record(MAIL, { dataset: 'sourced', ordering: 'source', sourceTime: 1 }),
      deleted(MAIL, 'crm'),
      deleted(ONE, 'crm'),
      record(ONE, { dataset: 'sourced', ordering: 'source', sourceTime: 1, messageId: 'x' }),
      deleted(MAIL, 'sourced'),
    ],
    [6, 1],
    [{ at: 0, written: 46, shuffle: 0 }],
  ],
];
