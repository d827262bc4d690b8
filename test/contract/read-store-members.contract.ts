import { beforeEach, describe, expect, it } from '@jest/globals';

import {
  at,
  deployAndClaim,
  expectMistake,
  keysOf,
  PEOPLE,
  put,
  remove,
  type ClaimedVersion,
  type ContractContext,
} from './read-store-fixture.js';

export function membersContract(context: ContractContext): void {
  describe('members', () => {
    let version: ClaimedVersion;

    beforeEach(async () => {
      version = await deployAndClaim(context.store());
    });

    const found = async (...members: readonly string[]): Promise<string[][]> =>
      (await version.reader.findByMember('people', 'by_member', members)).map(keysOf);

    it('each lead to the whole document, aligned with what was asked for', async () => {
      const columns = { members: ['0b', '0a', 'ff'], city: 'Rome' };
      await version.commit(at(3), put(PEOPLE, 'a1', columns, 'one'), put(PEOPLE, 'b2', { members: ['0c'] }, 'two'));
      const one = { key: 'a1', position: at(3), columns, body: 'one' };
      const two = { key: 'b2', position: at(3), columns: { members: ['0c'] }, body: 'two' };
      expect(await version.reader.findByMember('people', 'by_member', ['0a', 'ee', '0c', 'ff', '0a'])).toEqual([
        [one],
        [],
        [two],
        [one],
        [one],
      ]);
      expect(await found()).toEqual([]);
    });

    it('are told apart by their whole length', async () => {
      await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'] }), put(PEOPLE, 'b2', { members: ['0a00'] }));
      expect(await found('0a', '0a00', '0a0000', '')).toEqual([['a1'], ['b2'], [], []]);
    });

    it('come and go with the document', async () => {
      await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a', '0b'] }));
      await version.commit(at(2), put(PEOPLE, 'a1', { members: ['0c', '0b'] }));
      expect(await found('0a', '0b', '0c')).toEqual([[], ['a1'], ['a1']]);
      expect((await version.get(PEOPLE, 'a1'))?.columns).toEqual({ members: ['0c', '0b'] });
      await version.commit(at(3), put(PEOPLE, 'a1', { city: 'Rome' }));
      expect(await found('0b', '0c')).toEqual([[], []]);
      await version.commit(at(4), put(PEOPLE, 'a1', { members: ['0b'] }));
      expect(await found('0b', '0c')).toEqual([['a1'], []]);
      await version.commit(at(5), remove(PEOPLE, 'a1'));
      expect(await found('0b')).toEqual([[]]);
    });

    it('stay when only the rest of the document changes', async () => {
      await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'], city: 'Rome' }, 'old'));
      await version.commit(at(2), put(PEOPLE, 'a1', { members: ['0a'], city: 'Rome' }, 'body'));
      expect((await version.reader.findByMember('people', 'by_member', ['0a']))[0]?.[0]?.body).toBe('body');
      await version.commit(at(3), put(PEOPLE, 'a1', { members: ['0a'], city: 'Oslo' }, 'column'));
      const rome = await version.reader.scan('people', { index: 'by_city', equals: ['Rome'], limit: 10 });
      expect(rome).toEqual([]);
      expect(await found('0a')).toEqual([['a1']]);
    });

    it('are kept as they were given, found once however often they were', async () => {
      await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0b', '0a', '0b'] }));
      expect((await version.get(PEOPLE, 'a1'))?.columns).toEqual({ members: ['0b', '0a', '0b'] });
      expect(await found('0b')).toEqual([['a1']]);
    });

    it('do not follow a commit that comes late', async () => {
      await version.commit(at(5), put(PEOPLE, 'a1', { members: ['0a'] }));
      await version.commit(at(4), put(PEOPLE, 'a1', { members: ['0b'] }));
      await version.commit(at(4), remove(PEOPLE, 'a1'));
      expect(await found('0a', '0b')).toEqual([['a1'], []]);
    });

    it('move from one document to another in one commit', async () => {
      await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a', '0b'] }), put(PEOPLE, 'b2', { members: ['0c'] }));
      await version.commit(at(2), remove(PEOPLE, 'a1'), put(PEOPLE, 'b2', { members: ['0c', '0a', '0b'] }));
      expect(await found('0a', '0b', '0c')).toEqual([['b2'], ['b2'], ['b2']]);
    });

    it('may lead to two documents, as when half of a commit is written', async () => {
      await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'] }));
      await version.commit(at(2), put(PEOPLE, 'b2', { members: ['0b', '0a'] }));
      const [both] = await version.reader.findByMember('people', 'by_member', ['0a']);
      expect(both?.map(({ key, position }) => [key, position]).sort()).toEqual([
        ['a1', at(1)],
        ['b2', at(2)],
      ]);
      await version.commit(at(2), put(PEOPLE, 'a1', { members: [] }));
      expect(await found('0a')).toEqual([['b2']]);
    });

    it('are asked for by an index that exists and holds members', async () => {
      await expectMistake(version.reader.findByMember('people', 'by_name', ['0a']));
      await expectMistake(version.reader.findByMember('people', 'by_team', ['0a']));
      await expectMistake(version.reader.findByMember('animals', 'by_member', ['0a']));
      await expectMistake(version.reader.findByMember('people', 'by_member', ['xyz']));
    });
  });
}
