import type { IdentityAnswer, IdentitySignalsAnswer } from '../service/answers.js';
import { table } from '../terminal/output.js';
import { whole } from '../terminal/progress.js';

/** The service counts no further. */
const MOST_COUNTED = 1_000;

/** Signals of the identity graph for people, list by list. */
export function signalLines({ nearLimit, manyLinks, refused }: IdentitySignalsAnswer): readonly string[] {
  return [
    `${counted(nearLimit.count)} near the limit of ${whole(nearLimit.limit)} identities`,
    ...rows(
      nearLimit.items.map(({ identity, size, evicted }) => [
        nameOf(identity),
        whole(size),
        evicted ? 'others had to leave' : '',
      ]),
    ),
    `${counted(manyLinks.count, 'identities', 'identity')} with unusually many links`,
    ...rows(manyLinks.items.map(({ identity, links }) => [nameOf(identity), whole(links)])),
    `values refused since ${refused.since}: ${whole(refused.counts.reduce((sum, { count }) => sum + count, 0))}`,
    ...rows(refused.counts.map(({ namespace, code, count }) => [namespace, whole(count), code])),
    ...(refused.values.length === 0 ? [] : ['of them blocked']),
    ...rows(refused.values.map(({ namespace, value, count }) => [nameOf({ namespace, id: value }), whole(count)])),
  ];
}

function counted(count: number, many = 'profiles', one = 'profile'): string {
  if (count === 0) return `no ${one}`;
  return `${whole(count)}${count >= MOST_COUNTED ? ' or more' : ''} ${count === 1 ? one : many}`;
}

function rows(cells: readonly (readonly string[])[]): readonly string[] {
  return table(cells).map((line) => `  ${line}`);
}

function nameOf({ namespace, id }: Pick<IdentityAnswer, 'namespace' | 'id'>): string {
  return `${namespace}:${id}`;
}
