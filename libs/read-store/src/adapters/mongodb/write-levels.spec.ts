import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { writeLevels, type MemberChange } from './write-levels.js';

function change(key: string, before: string, after: string): MemberChange {
  return { key, before: new Set(before), after: new Set(after) };
}

describe('the levels of a commit', () => {
  it('are one when no member moves', () => {
    expect(writeLevels([change('one', '', 'ab'), change('two', 'c', 'c'), change('gone', 'd', '')])).toEqual([
      ['one', 'two', 'gone'],
    ]);
  });

  it('have a merged document before those that it absorbs', () => {
    const levels = writeLevels([change('absorbed', 'ab', ''), change('merged', 'c', 'abc')]);
    expect(levels).toEqual([['merged'], ['absorbed']]);
  });

  it('have the parts of a split before what is left', () => {
    const levels = writeLevels([change('rest', 'abc', 'a'), change('part', '', 'b'), change('other', '', 'c')]);
    expect(levels).toEqual([['part', 'other'], ['rest']]);
  });

  it('follow a chain', () => {
    const levels = writeLevels([change('first', 'a', ''), change('second', 'b', 'a'), change('third', '', 'b')]);
    expect(levels).toEqual([['third'], ['second'], ['first']]);
  });

  it('end with documents that exchange members', () => {
    const levels = writeLevels([change('one', 'a', 'b'), change('two', 'b', 'a'), change('new', '', 'c')]);
    expect(levels).toEqual([['new'], ['one', 'two']]);
  });

  it('never leave a member without a document while it moves in one direction', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 12 }), (moves) => {
        // Members only move to documents with a lower number, so none are exchanged.
        const documents = [0, 1, 2, 3, 4].map(() => ({ before: new Set<string>(), after: new Set<string>() }));
        moves.forEach(([a, b], member) => {
          documents[Math.max(a, b)]?.before.add(String(member));
          documents[Math.min(a, b)]?.after.add(String(member));
        });
        const changes = documents.map((members, i) => ({ key: String(i), ...members }));
        const now = new Map<string, ReadonlySet<string>>(changes.map(({ key, before }) => [key, before]));
        const isFound = (member: string): boolean => [...now.values()].some((members) => members.has(member));

        for (const level of writeLevels(changes)) {
          // The worst order within a level.
          const givers = level.toSorted((a, b) => Number(b) - Number(a));
          for (const key of givers) {
            now.set(key, (changes[Number(key)] as MemberChange).after);
            moves.forEach((_move, member) => expect(isFound(String(member))).toBe(true));
          }
        }
        expect([...now]).toHaveLength(changes.length);
      }),
    );
  });
});
