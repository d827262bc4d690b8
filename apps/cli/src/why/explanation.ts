import type { JsonValue } from '#core';
import type {
  ClusterAnswer,
  IdentityAnswer,
  LineageAnswer,
  LineageLeaf,
  LineageValue,
  LinkAnswer,
} from '../service/answers.js';
import { table } from '../terminal/output.js';

/** What decided for a value, and against one. Rules of later versions are shown by their names. */
const WON: Readonly<Record<string, string>> = {
  only: 'no other fragment has it',
  dataSetPrecedence: 'its dataset comes first in the order of the policy',
  newestUpdate: 'its fragment was updated last',
  newestChange: 'it changed last',
  logPosition: 'of the same time, and later in the log',
  newestQualification: 'qualified last',
  union: 'stands beside the entries of other fragments',
};
const LOST: Readonly<Record<string, (value: LineageValue) => string>> = {
  dataSetPrecedence: () => 'its dataset comes later in the order of the policy',
  newestUpdate: ({ fragmentUpdatedAt }) => `its fragment was updated earlier, at ${fragmentUpdatedAt}`,
  newestChange: ({ at }) => `it changed earlier, at ${at}`,
  logPosition: () => 'of the same time, and earlier in the log',
  newestQualification: () => 'qualified earlier',
};
/** Of the JSON text of one value. */
const LONGEST_VALUE = 100;

/** Why the identities of a profile belong together. */
export function clusterLines({ profileId, identities, links, next }: ClusterAnswer): readonly string[] {
  return [
    `profile ${profileId}: ${identities.length === 1 ? '1 identity' : `${identities.length} identities`}`,
    ...indented(
      table(
        identities.map(({ firstSeen, lastSeen, ...identity }) => [
          nameOf(identity),
          `first seen ${firstSeen}, last seen ${lastSeen}`,
        ]),
      ),
    ),
    '',
    links.length === 0 ? 'no links' : 'links',
    ...indented(table(links.map(linkCells))),
    ...(next === undefined ? [] : ['  ... and more, which GET /v1/profiles/{namespace}/{id}/identities pages through']),
  ];
}

/** Why each attribute is what it is. */
export function lineageLines({ mergePolicy: { id, version }, leaves }: LineageAnswer): readonly string[] {
  return [
    `attributes under the merge policy ${id}, version ${version}${leaves.length === 0 ? ': none' : ''}`,
    ...leaves.flatMap(leafLines),
  ];
}

function linkCells({ a, b, state, reason, first, last, datasets }: LinkAnswer): readonly string[] {
  const why = reason === undefined ? state : `${state} (${reason})`;
  const times = first === last ? first : `${first} to ${last}`;
  return [`${nameOf(a)} - ${nameOf(b)}`, why, `${times}, by ${datasets.join(', ')}`];
}

function leafLines(leaf: LineageLeaf): readonly string[] {
  const { path, value, rule, losers } = leaf;
  return [
    `  ${path} = ${textOf(value)}`,
    `    from ${sourceOf(leaf)} since ${leaf.at}: ${WON[rule] ?? rule}`,
    ...losers.map((loser) => {
      const place = loser.path === undefined ? '' : ` at ${loser.path}`;
      return `    not ${textOf(loser.value)}${place} from ${sourceOf(loser)}: ${LOST[loser.rule]?.(loser) ?? loser.rule}`;
    }),
  ];
}

function sourceOf({ dataset, identity }: LineageValue): string {
  return `${dataset} (${nameOf(identity)})`;
}

function nameOf({ namespace, id }: IdentityAnswer): string {
  return `${namespace}:${id}`;
}

function textOf(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}...`;
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
