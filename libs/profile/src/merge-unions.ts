import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '#core';

import { lost, mergeMembers, mergeNode, recordEmpty, type Loss, type Merging } from './merge-node.js';
import type { Contender, MergeFragment } from './rank.js';

/** Namespace -> entries: every entry once; of equal ids the best-ranked one stays. */
export function uniteIdentityMaps<F extends MergeFragment>(
  maps: readonly Contender<F>[],
  path: string,
  losses: readonly Loss<F>[],
  merging: Merging<F>,
): JsonObject {
  const united = mergeMembers(maps, path, merging, (lists, at) =>
    lists.every(({ value }) => isJsonArray(value))
      ? uniteEntries(merging.rank(lists, at), at, losses, merging)
      : mergeNode(lists, at, losses, merging),
  );
  recordEmpty(united, maps, path, losses, merging);
  return united;
}

function uniteEntries<F extends MergeFragment>(
  lists: readonly Contender<F>[],
  path: string,
  losses: readonly Loss<F>[],
  merging: Merging<F>,
): JsonValue {
  const united: { readonly winner: Contender<F>; readonly others: Contender<F>[] }[] = [];
  for (const { from, value } of lists) {
    for (const entry of value as readonly JsonValue[]) {
      const present = united.find(({ winner }) => sameId(winner.value, entry));
      if (present === undefined) united.push({ winner: { from, value: entry }, others: [] });
      else present.others.push({ from, value: entry });
    }
  }
  const entries = united.map(({ winner }) => winner.value);
  recordEmpty(entries, lists, path, losses, merging);
  united.forEach(({ winner, others }, index) => {
    merging.record?.({
      path: merging.pathOf(path, index),
      value: winner.value,
      by: 'union',
      winner,
      source: path,
      losses: [...lost(others, winner, path), ...losses],
    });
  });
  return entries;
}

function sameId(one: JsonValue, other: JsonValue): boolean {
  return isJsonObject(one) && isJsonObject(other) && one['id'] === other['id'];
}

/** Namespace -> segment -> entry: of each segment the entry that qualified last; without times the best-ranked one. */
export function uniteMemberships<F extends MergeFragment>(
  memberships: readonly Contender<F>[],
  path: string,
  losses: readonly Loss<F>[],
  merging: Merging<F>,
): JsonObject {
  const united = mergeMembers(memberships, path, merging, (namespaces, at) =>
    mergeNode(namespaces, at, losses, merging, uniteSegments),
  );
  recordEmpty(united, memberships, path, losses, merging);
  return united;
}

function uniteSegments<F extends MergeFragment>(
  namespaces: readonly Contender<F>[],
  path: string,
  losses: readonly Loss<F>[],
  merging: Merging<F>,
): JsonObject {
  const united = mergeMembers(namespaces, path, merging, (entries, at) => {
    const ranked = merging.rank(entries, at);
    const winner = ranked.reduce((newest, one) => (qualifiedAt(one.value) > qualifiedAt(newest.value) ? one : newest));
    const others = ranked.filter((one) => one !== winner);
    const { value } = winner;
    merging.record?.({
      path: at,
      value,
      by: 'qualification',
      winner,
      source: at,
      losses: [...lost(others, winner, at), ...losses],
    });
    return value;
  });
  recordEmpty(united, namespaces, path, losses, merging);
  return united;
}

/** Epoch milliseconds; before everything when the entry does not say. */
export function qualifiedAt(entry: JsonValue): number {
  const time = isJsonObject(entry) ? entry['lastQualificationTime'] : undefined;
  const parsed = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(parsed) ? Number.NEGATIVE_INFINITY : parsed;
}
