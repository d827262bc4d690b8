import { describe, expect, it } from '@jest/globals';

import {
  identitiesNamed,
  linkKeyOf,
  linksOf,
  settingsOf,
  type Together,
} from '../../../../test/support/graph/graph-of.js';
import { blockedValues } from '../blocked-values.js';
import { evaluateGraph } from './evaluate-graph.js';
import type { GraphLink, GraphSettings } from './graph.js';

function given(together: readonly Together[], settings: Partial<GraphSettings> = {}) {
  return evaluated(linksOf(together), settings);
}

function evaluated(links: readonly GraphLink[], settings: Partial<GraphSettings> = {}) {
  const identities = identitiesNamed(links.flatMap(({ a, b }) => [a, b]));
  const { clusters, states } = evaluateGraph(identities, links, settingsOf(settings));
  return {
    clusters: clusters.map((cluster) => [...cluster].sort().join(' ')).sort(),
    largest: Math.max(...clusters.map(({ length }) => length)),
    clusterOf: (ref: string) => [...(clusters.find((cluster) => cluster.includes(ref)) ?? [])].sort().join(' '),
    stateOf: (one: string, other: string) => states.get(linkKeyOf(one, other)),
    count: (state: string, reason?: string) =>
      [...states.values()].filter((it) => it.state === state && (it.state === 'active' || it.reason === reason)).length,
  };
}

const ACTIVE = { state: 'active' };
const numbered = (count: number) => Array.from({ length: count }, (_, index) => String(index).padStart(4, '0'));

describe('Shared device: two people log in on one browser in turn', () => {
  const turns: readonly Together[] = [
    ['CRMID:a', 'WEB:x', 1],
    ['CRMID:b', 'WEB:x', 2],
  ];

  it('the last login has the cookie, and both keep their CRM id', () => {
    const graph = given(turns);
    expect(graph.clusters).toEqual(['CRMID:a', 'CRMID:b WEB:x']);
    expect(graph.stateOf('CRMID:a', 'WEB:x')).toEqual({ state: 'excluded', reason: 'CRMID' });
    expect(graph.stateOf('CRMID:b', 'WEB:x')).toEqual(ACTIVE);
  });

  it('a third login moves the cookie back', () => {
    const graph = given([...turns, ['CRMID:a', 'WEB:x', 3]]);
    expect(graph.clusters).toEqual(['CRMID:a WEB:x', 'CRMID:b']);
    expect(graph.stateOf('CRMID:b', 'WEB:x')).toEqual({ state: 'excluded', reason: 'CRMID' });
  });

  it('without a unique namespace they become one person', () => {
    expect(given(turns, { unique: new Set() }).clusters).toEqual(['CRMID:a CRMID:b WEB:x']);
  });
});

describe('Shared family e-mail with CRMID unique', () => {
  it('is of whoever used it last; nobody loses what is their own', () => {
    const graph = given([
      ['CRMID:parent', 'Email:us@home', 1],
      ['CRMID:parent', 'WEB:laptop', 2],
      ['CRMID:child', 'WEB:tablet', 3],
      ['CRMID:child', 'Email:us@home', 4],
    ]);
    expect(graph.clusters).toEqual(['CRMID:child Email:us@home WEB:tablet', 'CRMID:parent WEB:laptop']);
  });
});

describe('A test address used by 1,000 people', () => {
  const uses = numbered(1_000).map((person, at): Together => [`CRMID:${person}`, 'Email:test@example.org', at]);

  it('glues nobody together where a person has one CRM id', () => {
    const graph = given(uses);
    expect(graph.clusterOf('Email:test@example.org')).toBe('CRMID:0999 Email:test@example.org');
    expect([graph.largest, graph.clusters.length]).toEqual([2, 1_000]);
    expect([graph.count('excluded', 'CRMID'), graph.count('evicted', 'candidates')]).toEqual([199, 800]);
  });

  it('glues at most as many together as the limit says', () => {
    const graph = given(uses, { unique: new Set() });
    expect(graph.largest).toBe(50);
    expect([graph.count('active'), graph.count('evicted', 'limit')]).toEqual([49, 151]);
    expect(graph.clusterOf('CRMID:0999')).toContain('Email:test@example.org');
  });

  it('glues nobody together once its value is blocked', () => {
    const graph = given(uses, { unique: new Set(), blockedValues: blockedValues(['Test@example.org']) });
    expect([graph.largest, graph.count('blocked', 'value')]).toEqual([1, 1_000]);
  });
});

describe('An identifier that changes its owner', () => {
  const before: readonly Together[] = [
    ['CRMID:a', 'Phone:1', 1],
    ['CRMID:a', 'Email:a@x', 1],
    ['Phone:1', 'Email:a@x', 1],
    ['CRMID:b', 'Email:b@x', 2],
  ];

  it('goes along with the new one', () => {
    const graph = given([...before, ['CRMID:b', 'Phone:1', 3]]);
    expect(graph.clusters).toEqual(['CRMID:a Email:a@x', 'CRMID:b Email:b@x Phone:1']);
    expect(graph.stateOf('Phone:1', 'Email:a@x')).toEqual({ state: 'excluded', reason: 'CRMID' });
  });

  it('does not when the news are older than what is known', () => {
    expect(given([...before, ['CRMID:b', 'Phone:1', 0]]).clusters).toEqual([
      'CRMID:a Email:a@x Phone:1',
      'CRMID:b Email:b@x',
    ]);
  });
});

describe('51st identity', () => {
  const cookies = numbered(50).map((cookie, at): Together => ['CRMID:a', `ECID:${cookie}`, 100 + at]);

  it('makes the cookie leave that was seen least recently', () => {
    expect(given(cookies.slice(0, 49)).clusters).toHaveLength(1);
    const graph = given(cookies);
    expect([graph.largest, graph.clusterOf('ECID:0000')]).toEqual([50, 'ECID:0000']);
    expect(graph.stateOf('CRMID:a', 'ECID:0000')).toEqual({ state: 'evicted', reason: 'limit' });
    expect(graph.stateOf('CRMID:a', 'ECID:0001')).toEqual(ACTIVE);
  });

  it('keeps a cookie that came back, and lets cookies go before devices and those before the rest', () => {
    const returned = given([...cookies, ['CRMID:a', 'ECID:0000', 999]]);
    expect(returned.clusterOf('ECID:0001')).toBe('ECID:0001');
    const types: readonly Together[] = [
      ['CRMID:a', 'Email:a', 1],
      ['CRMID:a', 'IDFA:a', 2],
      ['CRMID:a', 'WEB:a', 3],
    ];
    expect(given(types, { limit: 3 }).clusters).toEqual(['CRMID:a Email:a IDFA:a', 'WEB:a']);
    expect(given(types, { limit: 2 }).clusters).toEqual(['CRMID:a Email:a', 'IDFA:a', 'WEB:a']);
  });

  it('goes by namespace and value where times are equal', () => {
    const equal: readonly Together[] = ['WEB:a', 'ECID:b', 'ECID:a'].map((cookie) => ['CRMID:a', cookie, 1]);
    expect(given(equal, { limit: 3 }).clusterOf('ECID:a')).toBe('ECID:a');
    expect(given(equal, { limit: 2 }).clusterOf('WEB:a')).toBe('CRMID:a WEB:a');
  });

  it('looks at the links that are left, and splits what falls apart', () => {
    const chain: readonly Together[] = [
      ['CRMID:a', 'WEB:1', 2],
      ['WEB:1', 'WEB:2', 3],
      ['WEB:2', 'WEB:3', 9],
      ['WEB:3', 'WEB:4', 8],
      ['WEB:4', 'Email:a', 7],
    ];
    // WEB:1 is the oldest; then WEB:2 to Email:a are 4, and WEB:4 is older than WEB:2 and WEB:3.
    const graph = given(chain, { limit: 3 });
    expect(graph.clusters).toEqual(['CRMID:a', 'Email:a', 'WEB:1', 'WEB:2 WEB:3', 'WEB:4']);
    expect(graph.count('evicted', 'limit')).toBe(4);
  });

  it('does not bring excluded links back', () => {
    const graph = given(
      [
        ['CRMID:b', 'WEB:1', 1],
        ['CRMID:a', 'WEB:1', 2],
        ['CRMID:a', 'WEB:2', 3],
      ],
      { limit: 2 },
    );
    expect(graph.clusters).toEqual(['CRMID:a WEB:2', 'CRMID:b', 'WEB:1']);
    expect(graph.stateOf('CRMID:b', 'WEB:1')).toEqual({ state: 'excluded', reason: 'CRMID' });
  });
});

describe('Links of the same time', () => {
  const unique = new Set(['crmid']);

  it('go by the lower sum of priorities, in which what is not listed comes last', () => {
    const together: readonly Together[] = [
      ['WEB:x', 'CRMID:a', 1],
      ['Email:x', 'CRMID:b', 1],
      ['Email:x', 'WEB:x', 1],
    ];
    const byMail = given(together, { unique, priority: ['crmid', 'EMAIL'] });
    expect(byMail.stateOf('CRMID:b', 'Email:x')).toEqual(ACTIVE);
    // CRMID:b+Email:x 3, CRMID:a+WEB:x 4, Email:x+WEB:x 5
    expect(byMail.clusters).toEqual(['CRMID:a WEB:x', 'CRMID:b Email:x']);
    // Email:x+WEB:x 3, CRMID:b+Email:x 4, CRMID:a+WEB:x 5
    const byCookie = given(together, { unique, priority: ['EMAIL', 'web'] });
    expect(byCookie.clusters).toEqual(['CRMID:a', 'CRMID:b Email:x WEB:x']);
  });

  it('of the same priority go by where the log saw them first, then by their key', () => {
    const [a, b] = linksOf([
      ['CRMID:a', 'WEB:x', 1],
      ['CRMID:b', 'WEB:x', 1],
    ]) as [GraphLink, GraphLink];
    expect(evaluated([a, b]).clusterOf('WEB:x')).toBe('CRMID:a WEB:x');
    expect(evaluated([{ ...a, seen: '000002' }, b]).clusterOf('WEB:x')).toBe('CRMID:b WEB:x');
    expect(evaluated([a, { ...b, seen: a.seen }]).clusterOf('WEB:x')).toBe('CRMID:a WEB:x');
  });
});

describe('The candidates', () => {
  const newest: readonly Together[] = [
    ['WEB:hub', 'Email:1', 1],
    ['WEB:hub', 'Email:2', 2],
    ['WEB:hub', 'Email:3', 3],
  ];

  it('are the newest links of both ends', () => {
    const graph = given(newest, { candidates: 2 });
    expect(graph.clusters).toEqual(['Email:1', 'Email:2 Email:3 WEB:hub']);
    expect(graph.stateOf('WEB:hub', 'Email:1')).toEqual({ state: 'evicted', reason: 'candidates' });
  });

  it('do not include blocked links, which so make room for others', () => {
    const blocked = linksOf(newest).map((link) => ({ ...link, blocked: link.last === 3 }));
    const graph = evaluated(blocked, { candidates: 2 });
    expect(graph.clusters).toEqual(['Email:1 Email:2 WEB:hub', 'Email:3']);
    expect(graph.stateOf('WEB:hub', 'Email:3')).toEqual({ state: 'blocked', reason: 'hand' });
  });
});

describe('The reason why a link is excluded', () => {
  it('is the code as it is defined, and of several the one that ranks best', () => {
    const both: readonly Together[] = [
      ['CRMID:a', 'Phone:1', 3],
      ['CRMID:b', 'Phone:2', 2],
      ['Phone:1', 'Phone:2', 1],
    ];
    const unique = new Set(['crmid', 'PHONE']);
    const reason = (priority: readonly string[]) => given(both, { unique, priority }).stateOf('Phone:1', 'Phone:2');
    expect(reason(['crmid', 'phone'])).toEqual({ state: 'excluded', reason: 'CRMID' });
    expect(reason(['phone', 'crmid'])).toEqual({ state: 'excluded', reason: 'Phone' });
    expect(reason([])).toEqual({ state: 'excluded', reason: 'CRMID' });
  });
});
