import { describe, expect, it } from '@jest/globals';

import type { ProjectionLayout } from '../../read-store.js';
import { belongsTo, indexesOf, projectionCollections, type MongoCollection } from './collections.js';

const LAYOUT: ProjectionLayout = {
  projection: 'profile',
  version: 1,
  collections: [
    {
      name: 'people',
      key: 'hash',
      columns: { members: 'hashes', team: 'hash', badge: 'hash', seen: 'time' },
      indexes: [
        { name: 'by_member', columns: ['members'] },
        { name: 'by_team', columns: ['team', 'seen'] },
      ],
    },
  ],
};

const people = (generation: number): MongoCollection =>
  projectionCollections(LAYOUT, generation).get('people') as MongoCollection;

describe('collections', () => {
  it('are named by projection and version, and by generation after the first', () => {
    expect(people(1).name).toBe('profile_v1_people');
    expect(people(12).name).toBe('profile_v1_12_people');
  });

  it('belong to their version, up to a generation', () => {
    const names = ['profile_v1_people', 'profile_v1_2_people', 'profile_v1_3_people'];
    expect(names.filter((name) => belongsTo(LAYOUT, 2, name))).toEqual(names.slice(0, 2));
    for (const other of ['profile_v11_people', 'profile_v2_people', 'profile_people', 'other_profile_v1_people']) {
      expect(belongsTo(LAYOUT, 9, other)).toBe(false);
    }
  });

  it('store hashes in an order where an index needs it', () => {
    const unordered = people(1).columns.filter((column) => column.unordered);
    expect(unordered.map(({ name }) => name)).toEqual(['members', 'badge']);
  });

  it('have indexes without the documents that lack a column, and one with the tombstones only', () => {
    expect(indexesOf(people(1))).toEqual([
      { name: '_gone', key: { _epoch: 1 }, partialFilterExpression: { _gone: true } },
      { name: 'by_member', key: { members: 1 }, sparse: true },
      {
        name: 'by_team',
        key: { team: 1, seen: 1, _id: 1 },
        partialFilterExpression: { team: { $exists: true }, seen: { $exists: true } },
      },
    ]);
  });
});
