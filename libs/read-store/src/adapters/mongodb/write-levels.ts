/** What a write does to the members of one document. */
export interface MemberChange {
  readonly key: string;
  /** None when the document is new or has not changed since a later commit. */
  readonly before: ReadonlySet<string>;
  readonly after: ReadonlySet<string>;
}

/**
 * Groups keys into levels to be written one after the other, so that whoever looks for a member meanwhile finds one
 * document or two, never none: a document that gives a member up comes after the one that takes it. Where documents
 * exchange members there is no such order; they share the last level.
 */
export function writeLevels(changes: readonly MemberChange[]): string[][] {
  const levels: string[][] = [];
  let waiting = takersByGiver(changes);
  let left = changes.map(({ key }) => key);
  while (left.length > 0) {
    const free = left.filter((key) => waiting.get(key) === undefined);
    const level = free.length > 0 ? free : left;
    levels.push(level);
    const written = new Set(level);
    left = left.filter((key) => !written.has(key));
    waiting = withoutWritten(waiting, written);
  }
  return levels;
}

type Waiting = ReadonlyMap<string, ReadonlySet<string>>;

/** For whom each document has to wait; those that wait for nobody are not in it. */
function takersByGiver(changes: readonly MemberChange[]): Waiting {
  const takers = new Map<string, string[]>();
  for (const { key, before, after } of changes) {
    for (const member of after) {
      if (!before.has(member)) takers.set(member, [...(takers.get(member) ?? []), key]);
    }
  }
  const waiting = new Map<string, ReadonlySet<string>>();
  for (const { key, before, after } of changes) {
    const given = [...before].filter((member) => !after.has(member));
    const awaited = new Set(given.flatMap((member) => takers.get(member) ?? []));
    if (awaited.size > 0) waiting.set(key, awaited);
  }
  return waiting;
}

function withoutWritten(waiting: Waiting, written: ReadonlySet<string>): Waiting {
  const rest = new Map<string, ReadonlySet<string>>();
  for (const [key, awaited] of waiting) {
    const still = new Set([...awaited].filter((taker) => !written.has(taker)));
    if (still.size > 0) rest.set(key, still);
  }
  return rest;
}
