import { POSITION_START, type Position } from '#core';
import type { Commit, DocumentWrite, ProjectionVersion, ReadStore } from '#read-store';

export interface Tear {
  /** Which commit is torn, counted from 0. */
  readonly at: number;
  /** How much of it is written, in percent. */
  readonly written: number;
  /** Decides which documents of the collection in which it broke off are among that. */
  readonly shuffle: number;
}

/** What a torn commit throws: the process is gone. */
export class Crash extends Error {}

/**
 * A store whose commits may be torn, as with an engine without transactions: collections are written one after the
 * other, the documents of one in any order, the checkpoint stays where it was. For one projection version.
 */
export function tearingStore(store: ReadStore, tears: readonly Tear[]): ReadStore {
  const left = new Map(tears.map((tear) => [tear.at, tear]));
  let commits = 0;
  let position: Position = POSITION_START;
  const overrides = {
    claim: async (version: ProjectionVersion) => ({ ...(await store.claim(version)), position }),
    commit: async (version: ProjectionVersion, whole: Commit): Promise<void> => {
      const tear = left.get(commits);
      commits += 1;
      if (tear === undefined) {
        await store.commit(version, whole);
        position = whole.position;
        return;
      }
      await store.commit(version, { ...whole, writes: brokenOff(whole.writes, tear) });
      throw new Crash();
    },
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'claim' || name === 'commit') return overrides[name];
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

function brokenOff(writes: readonly DocumentWrite[], { written, shuffle }: Tear): readonly DocumentWrite[] {
  const count = Math.floor((writes.length * written) / 100);
  const last = writes[count]?.collection;
  const before = writes.slice(0, count).filter(({ collection }) => collection !== last);
  const inLast = writes.filter(({ collection }) => collection === last);
  // Members must not be without a document: the one collection whose order counts is written in it.
  if (last === 'profiles') return writes.slice(0, count);
  const turned = inLast.map((_, index) => inLast[(index + shuffle) % inLast.length] as DocumentWrite);
  return [...before, ...turned.slice(0, count - before.length)];
}
