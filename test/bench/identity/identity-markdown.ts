import { heading, latency, failed, whole } from '../markdown.js';
import type {
  ClusterReport,
  HubReport,
  IdentityReport,
  LinkingReport,
  LookupReport,
  Rates,
} from './identity-report.js';

/** The report as Markdown: one table, what was measured beside what is aimed at. */
export function identityMarkdown(report: IdentityReport): string {
  const { linking, hubs, clusters, wide } = report;
  const rows = [
    ...linkingRows(linking),
    ...hubs.map(hubRow),
    ...clusters.flatMap(clusterRows),
    [
      `lookup of a profile with ${wide.identities} identities and ${wide.fragments} fragments, ms${of(wide.lookup)}; ` +
        `${wide.profiles} profiles`,
      lookup(wide.lookup),
      'p99 < 15',
    ],
    [
      `the same under a policy that is evaluated at read${of(wide.lookupByPolicy)}`,
      `${lookup(wide.lookupByPolicy)} (median ${(wide.lookupByPolicy.latency.p50 / wide.lookup.latency.p50).toFixed(2)}x)`,
      '≤ 2x',
    ],
  ];
  const table = [['identities', 'measured', 'target'], ['---', '---', '---'], ...rows];
  return [heading('Identity scenario', report), '', ...table.map((cells) => `| ${cells.join(' | ')} |`), ''].join('\n');
}

function linkingRows({ people, browsersPerPerson, links, first, again }: LinkingReport): readonly string[][] {
  const what = `${whole(people)} people, ${browsersPerPerson} browsers each, CRMID unique`;
  const new_ = Math.round((links / first.items) * 100);
  return [
    [
      `linking items/s, acknowledged, visible; ${what}; ${sent(first)}, ${new_}% of them new links`,
      rates(first),
      '≥ 15,000',
    ],
    [`the same people again; ${sent(again)}`, rates(again), '≥ 15,000'],
  ];
}

const HUBS: Readonly<Record<HubReport['kind'], string>> = {
  'its owner changes': 'CRMID unique, so its owner changes with each',
  'over the limit': 'nothing unique, so they are a cluster over the limit of 50',
};

function hubRow({ kind, links, thousands }: HubReport): string[] {
  const [first = 0] = thousands;
  const last = thousands.at(-1) ?? 0;
  return [
    `one browser with ${whole(links)} people, visible items/s of the first and the last thousand; ${HUBS[kind]}`,
    `${whole(first)}, ${whole(last)} (${(first / last).toFixed(2)}x the cost)`,
    'bounded',
  ];
}

function clusterRows({
  limit,
  clusters,
  build,
  full,
  lookupFull,
  over,
  lookupOver,
}: ClusterReport): readonly string[][] {
  const these = `${clusters} clusters of ${limit}`;
  return [
    [`${these}: filling them, acknowledged, visible items/s; ${sent(build)}`, rates(build), ''],
    [`${these}: linking what is linked; ${sent(full)}`, rates(full), ''],
    [`${these}: lookup, ms${of(lookupFull)}`, lookup(lookupFull), ''],
    [`${these}: each item brings one too many; ${sent(over)}`, rates(over), ''],
    [`${these}, afterwards: lookup, ms${of(lookupOver)}`, lookup(lookupOver), ''],
  ];
}

function sent({ items, itemsPerRequest, connections }: Rates): string {
  return `${whole(items)} items, ${whole(itemsPerRequest)} a request, ${connections} connections`;
}

function rates({ acknowledgedPerSecond, visiblePerSecond }: Rates): string {
  return `${whole(acknowledgedPerSecond)}, ${whole(visiblePerSecond)}`;
}

function of({ perSecond }: LookupReport): string {
  return ` at ${perSecond}/s`;
}

function lookup({ latency: measured, failures }: LookupReport): string {
  return latency(measured) + failed(failures);
}
