import { beforeEach, describe, expect, it } from '@jest/globals';

import {
  at,
  claim,
  deployAndClaim,
  NOTES,
  PEOPLE,
  put,
  remove,
  type ClaimedVersion,
  type ContractContext,
} from './read-store-fixture.js';

const PERSON = { team: '0a', seen: 5, city: 'Rome', level: 1, members: ['0b'], kind: 'crm' };

export function tombstonesContract(context: ContractContext): void {
  describe('a deleted document', () => {
    let version: ClaimedVersion;

    beforeEach(async () => {
      version = await deployAndClaim(context.store());
      await version.commit(at(1), put(PEOPLE, 'a1', PERSON, 'person'), put(PEOPLE, 'b2', PERSON, 'another'));
      await version.commit(at(5), remove(PEOPLE, 'a1'));
    });

    it('is not found in any way', async () => {
      const { reader } = version;
      expect(await reader.get('people', ['a1'])).toEqual([undefined]);
      expect(await reader.get('people', ['a1'], { body: false })).toEqual([undefined]);
      expect(await reader.count('people')).toBe(1);
      const others = [[expect.objectContaining({ key: 'b2' })]];
      expect(await reader.findByMember('people', 'by_member', ['0b'])).toEqual(others);
      for (const index of [undefined, 'by_team', 'by_city', 'by_seen']) {
        expect(await reader.scan('people', { ...(index && { index }), limit: 10 })).toEqual(others[0]);
      }
    });

    it.each([
      ['the same position', 5],
      ['an earlier position', 3],
    ])('is not brought back by a put at %s', async (_name, position) => {
      await version.commit(at(position), put(PEOPLE, 'a1', PERSON, 'late'));
      expect(await version.get(PEOPLE, 'a1')).toBeUndefined();
      expect(await version.reader.count('people')).toBe(1);
    });

    it('starts anew with a later put', async () => {
      await version.commit(at(6), put(PEOPLE, 'a1', { members: ['0c'] }, 'new'));
      expect(await version.get(PEOPLE, 'a1')).toEqual({
        key: 'a1',
        position: at(6),
        columns: { members: ['0c'] },
        body: 'new',
      });
      expect(await version.reader.count('people')).toBe(2);
      const [old, now] = await version.reader.findByMember('people', 'by_member', ['0b', '0c']);
      expect(old).toHaveLength(1);
      expect(now).toHaveLength(1);
    });

    it('can be deleted again', async () => {
      await version.commit(at(6), remove(PEOPLE, 'a1'));
      await version.commit(at(6), put(PEOPLE, 'a1', {}, 'late'));
      expect(await version.get(PEOPLE, 'a1')).toBeUndefined();
    });
  });

  describe('a delete', () => {
    let version: ClaimedVersion;

    beforeEach(async () => {
      version = await deployAndClaim(context.store());
    });

    it('that comes late leaves the document as it is', async () => {
      await version.commit(at(5), put(PEOPLE, 'a1', PERSON, 'person'), put(NOTES, 'n', {}, 'note'));
      for (const position of [at(5), at(4)]) {
        await version.commit(position, remove(PEOPLE, 'a1'), remove(NOTES, 'n'));
      }
      expect(await version.get(PEOPLE, 'a1')).toMatchObject({ position: at(5), columns: PERSON, body: 'person' });
      expect(await version.get(NOTES, 'n')).toMatchObject({ position: at(5), body: 'note' });
    });

    it('of what was never there keeps a late put away', async () => {
      await version.commit(at(5), remove(PEOPLE, 'a1'), remove(NOTES, 'n'));
      await version.commit(at(4), put(PEOPLE, 'a1', PERSON), put(NOTES, 'n'));
      expect(await version.get(PEOPLE, 'a1')).toBeUndefined();
      expect(await version.get(NOTES, 'n')).toBeUndefined();
      expect(await version.reader.count('people')).toBe(0);
    });
  });

  describe('a sweep', () => {
    let version: ClaimedVersion;

    beforeEach(async () => {
      version = await deployAndClaim(context.store());
      await version.commit(at(1), put(PEOPLE, 'a1'), put(PEOPLE, 'b2'), put(NOTES, 'n'));
      await version.commit(at(5), remove(PEOPLE, 'a1'), remove(NOTES, 'n'));
    });

    it('leaves tombstones alone in the epoch that wrote them', async () => {
      expect(await context.store().sweep(version.layout)).toBe(0);
      await version.commit(at(4), put(PEOPLE, 'a1', {}, 'late'));
      expect(await version.get(PEOPLE, 'a1')).toBeUndefined();
    });

    it('removes those of earlier epochs, once', async () => {
      const next = await claim(context.store());
      expect(await context.store().sweep(version.layout)).toBe(2);
      expect(await context.store().sweep(version.layout)).toBe(0);
      expect(await next.get(PEOPLE, 'a1')).toBeUndefined();
      expect(await next.get(PEOPLE, 'b2')).toBeDefined();
      expect(await next.reader.count('people')).toBe(1);
    });

    it('leaves those of the new epoch alone', async () => {
      const next = await claim(context.store());
      await next.commit(at(6), remove(PEOPLE, 'b2'));
      expect(await context.store().sweep(version.layout)).toBe(2);
      await next.commit(at(5), put(PEOPLE, 'b2', {}, 'late'));
      expect(await next.get(PEOPLE, 'b2')).toBeUndefined();
      await claim(context.store());
      expect(await context.store().sweep(version.layout)).toBe(1);
    });

    it('removes thousands', async () => {
      const keys = Array.from({ length: 5_000 }, (_, i) => String(i));
      await version.commit(at(6), ...keys.map((key) => remove(NOTES, key)));
      await claim(context.store());
      expect(await context.store().sweep(version.layout)).toBe(keys.length + 2);
      expect(await version.reader.count('notes')).toBe(0);
    });

    it('does not touch a version beside it', async () => {
      const beside = await deployAndClaim(context.store(), { ...version.layout, version: 2 });
      await beside.commit(at(5), remove(NOTES, 'n'));
      await claim(context.store());
      expect(await context.store().sweep(version.layout)).toBe(2);
      await beside.commit(at(4), put(NOTES, 'n'));
      expect(await beside.get(NOTES, 'n')).toBeUndefined();
    });
  });
}
