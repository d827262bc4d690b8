import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  arbitraryPage,
  arbitrarySettings,
  IDENTITIES,
  updatesOf,
  type PlacedStep,
} from '../../../../test/support/graph/arbitrary-graph.js';
import {
  identitiesNamed,
  linkKeyOf,
  linksOf,
  settingsOf,
  type Together,
} from '../../../../test/support/graph/graph-of.js';
import { naiveGraph } from '../../../../test/support/graph/naive-graph.js';
import { StoredGraph, type LinkUpdate } from '../../../../test/support/graph/stored-graph.js';
import { propertyRuns } from '../../../../test/support/property-runs.js';
import { blockedValues } from '../blocked-values.js';
import { evaluateGraph } from './evaluate-graph.js';
import type { GraphSettings } from './graph.js';

const sorted = (parts: Iterable<readonly string[]>) => [...parts].map((part) => [...part].sort().join(' ')).sort();
const listed = (states: ReadonlyMap<string, unknown>) => [...states].sort(([one], [other]) => (one < other ? -1 : 1));

/** The clusters of step 2, those of step 3, and the states of links. */
const contentOf = (graph: StoredGraph) => ({
  components: sorted(graph.components.map(({ members }) => members)),
  clusters: sorted(graph.clusters),
  states: listed(graph.states),
});

function expectToBeWhatItsLinksMake(graph: StoredGraph, settings: GraphSettings): void {
  const naive = naiveGraph(IDENTITIES, graph.links, settings);
  const expected = { clusters: sorted(naive.clusters), states: listed(naive.states) };
  expect(contentOf(graph)).toEqual({ ...expected, components: sorted(naive.components) });
  const evaluated = evaluateGraph(IDENTITIES, graph.links, settings);
  expect({ clusters: sorted(evaluated.clusters), states: listed(evaluated.states) }).toEqual(expected);
}

const pages = fc.array(arbitraryPage, { maxLength: 25 });

async function kept(settings: GraphSettings, before: readonly (readonly PlacedStep[])[]): Promise<StoredGraph> {
  const graph = new StoredGraph(IDENTITIES, settings);
  for (const page of before) await graph.apply(updatesOf(page, graph));
  return graph;
}

describe('A graph that is kept up to date', () => {
  it('is after every page what all its links make of it', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySettings, pages, async (settings, all) => {
        const graph = await kept(settings, []);
        for (const page of all) {
          await graph.apply(updatesOf(page, graph));
          expectToBeWhatItsLinksMake(graph, settings);
        }
      }),
      propertyRuns(300),
    );
  });

  it('never has a cluster over the limit, or with two identities of a unique namespace', async () => {
    const namespaceOf = (ref: string) => ref.slice(0, ref.indexOf(':')).toLowerCase();
    await fc.assert(
      fc.asyncProperty(arbitrarySettings, pages, async (settings, all) => {
        const unique = [...settings.unique].map((code) => code.toLowerCase());
        const graph = await kept(settings, []);
        for (const page of all) {
          await graph.apply(updatesOf(page, graph));
          for (const cluster of graph.clusters) {
            expect(cluster.length).toBeLessThanOrEqual(settings.limit);
            const held = cluster.map(namespaceOf).filter((namespace) => unique.includes(namespace));
            expect(new Set(held).size).toBe(held.length);
          }
        }
      }),
      propertyRuns(200),
    );
  });

  it('is the same whatever the order and the pages in which links came, and how often', async () => {
    const associations = fc.array(
      fc.record({ ends: fc.tuple(fc.nat(14), fc.nat(14)).filter(([one, other]) => one !== other), at: fc.nat(6) }),
      { maxLength: 40 },
    );
    const both = fc.tuple(arbitrarySettings, associations).chain(([settings, all]) =>
      fc.record({
        settings: fc.constant(settings),
        all: fc.constant(all),
        shuffled: fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
        cut: fc.integer({ min: 1, max: 10 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(both, async ({ settings, all, shuffled, cut }) => {
        // The place in the log is that of the first run for both: with equal times it decides, and may.
        const links = linksOf(all.map(({ ends: [one, other], at }) => [refAt(one), refAt(other), at]));
        const graphOf = async (order: typeof all, size: number) => {
          const graph = new StoredGraph(IDENTITIES, settings);
          for (let from = 0; from < order.length; from += size) {
            const update = new Map(graph.links.map((link) => [link.key, link]));
            const touched = new Set<string>();
            for (const { ends, at } of order.slice(from, from + size)) {
              const key = linkKeyOf(refAt(ends[0]), refAt(ends[1]));
              const whole = links.find((link) => link.key === key)!;
              update.set(key, { ...whole, last: Math.max(at, update.get(key)?.last ?? at) });
              touched.add(key);
            }
            await graph.apply([...touched].map((key) => update.get(key)!));
          }
          return graph;
        };
        expect(contentOf(await graphOf(shuffled, cut))).toEqual(contentOf(await graphOf(all, 1)));
      }),
      propertyRuns(200),
    );
  });
});

const refAt = (index: number): string => IDENTITIES[index]!.ref;

describe('Undo', () => {
  it('blocking links and unblocking them leaves everything as it was', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySettings, pages, fc.array(fc.nat()), async (settings, all, choices) => {
        const graph = await kept(settings, all);
        const before = contentOf(graph);
        const free = graph.links.filter(({ blocked }) => !blocked);
        const chosen = [
          ...new Set(choices.map((choice) => free[choice % free.length]).filter((it) => it !== undefined)),
        ];
        for (const link of chosen) await graph.apply([{ ...link, blocked: true }]);
        for (const link of chosen) expect(graph.states.get(link.key)).toEqual({ state: 'blocked', reason: 'hand' });
        await graph.apply(chosen);
        expect(contentOf(graph)).toEqual(before);
      }),
      propertyRuns(200),
    );
  });

  it('taking back what was added leaves everything as it was', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySettings, pages, arbitraryPage, async (settings, all, page) => {
        const graph = await kept(settings, all);
        const before = { content: contentOf(graph), links: new Map(graph.links.map((link) => [link.key, link])) };
        const updates = updatesOf(page, graph);
        await graph.apply(updates);
        for (const { key } of updates) {
          const link = before.links.get(key) ?? { key, gone: true as const };
          if ('gone' in link && graph.link(key) === undefined) continue;
          await graph.apply([link]);
        }
        expect(contentOf(graph)).toEqual(before.content);
      }),
      propertyRuns(200),
    );
  });
});

describe('A change of settings', () => {
  type Event =
    | { readonly page: readonly PlacedStep[] }
    | { readonly settings: GraphSettings }
    | { readonly refresh: readonly number[] };
  const event: fc.Arbitrary<Event> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ page: arbitraryPage }) },
    { weight: 1, arbitrary: fc.record({ settings: arbitrarySettings }) },
    { weight: 2, arbitrary: fc.record({ refresh: fc.array(fc.nat(14), { minLength: 1, maxLength: 3 }) }) },
  );

  it('holds at once for what is evaluated anew, and in the end for everything', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySettings, fc.array(event, { maxLength: 25 }), async (first, events) => {
        let settings = first;
        const graph = await kept(settings, []);
        for (const one of events) {
          if ('page' in one) await graph.apply(updatesOf(one.page, graph));
          else if ('refresh' in one) await graph.apply([], one.refresh.map(refAt));
          else graph.changeSettings((settings = one.settings));
          const naive = naiveGraph(IDENTITIES, graph.links, settings);
          const current = graph.components.filter((component) => component.current);
          expect(sorted(naive.components)).toEqual(
            expect.arrayContaining(sorted(current.map(({ members }) => members))),
          );
          const members = new Set(current.flatMap((component) => component.members));
          const clusters = graph.clusters.filter(([ref]) => members.has(ref!));
          expect(sorted(naive.clusters)).toEqual(expect.arrayContaining(sorted(clusters)));
          for (const { key, a, b } of graph.links) {
            if (members.has(a) && members.has(b))
              expect([key, graph.states.get(key)]).toEqual([key, naive.states.get(key)]);
          }
        }
        for (const { ref } of IDENTITIES) await graph.apply([], [ref]);
        expectToBeWhatItsLinksMake(graph, settings);
      }),
      propertyRuns(300),
    );
  });
});

describe('The cost of a change', () => {
  const people = Array.from({ length: 300 }, (_, index) => String(index + 1));

  async function given(together: readonly Together[], settings: Partial<GraphSettings> = {}) {
    const links = new Map(linksOf(together).map((link) => [link.key, link]));
    const graph = new StoredGraph(EVERYBODY, settingsOf(settings));
    await graph.apply([...links.values()]);
    const costOf = async (...updates: readonly LinkUpdate[]) => {
      const before = { ...graph.loads };
      await graph.apply(updates);
      return { links: graph.loads.links - before.links, calls: graph.loads.calls - before.calls };
    };
    /** Further associations, which the log saw after all others. */
    const more = (...news: readonly Together[]) =>
      linksOf(news).map((link) => ({ ...link, seen: links.get(link.key)?.seen ?? `1${link.seen}` }));
    return { graph, costOf, more, keyed: (key: string) => links.get(key)! };
  }

  const EVERYBODY = identitiesNamed([
    'Email:test',
    'CRMID:new',
    ...people.flatMap((it) => [`CRMID:${it}`, `CRMID:${it}b`, `Email:${it}`, `WEB:${it}`, `ECID:${it}`]),
  ]);
  const shared = people.map((person, at): Together => [`CRMID:${person}`, 'Email:test', at]);

  it('is no link for items that only join people or name them again', async () => {
    const own = people.flatMap((person): Together[] => [
      [`CRMID:${person}`, `Email:${person}`, 1],
      [`WEB:${person}`, `ECID:${person}`, 1],
    ]);
    const { graph, costOf, more } = await given(own, { unique: new Set(['CRMID', 'Email']) });
    expect(graph.loads.links).toBe(0);
    const joining = people.map((person): Together => [`CRMID:${person}`, `WEB:${person}`, 2]);
    expect((await costOf(...more(...joining))).links).toBe(0);
    expect((await costOf(...more(['CRMID:1', 'Email:1', 3]))).links).toBe(0);
    expect(graph.clusters.filter(({ length }) => length === 4)).toHaveLength(people.length);
  });

  it('is no more than the candidates for an identity that everybody shares', async () => {
    const { graph, costOf, more } = await given(shared, { candidates: 20 });
    const { links, calls } = await costOf(...more(['CRMID:new', 'Email:test', 999]));
    // The 20 newest of the address, the one that is new on both sides, and that of who had the address before.
    expect(links).toBeLessThanOrEqual(23);
    expect(calls).toBeLessThanOrEqual(12);
    expect(sorted(graph.clusters)).toContain('CRMID:new Email:test');
  });

  it('is no look at an identity that everybody shares, where it considers other links', async () => {
    const device: Together = ['CRMID:1', 'WEB:1', 5];
    const { graph, costOf, more } = await given([...shared, device], { candidates: 20 });
    const { links } = await costOf(...more(['CRMID:1b', 'WEB:1', 999]));
    expect(links).toBeLessThanOrEqual(6);
    expect(sorted(graph.clusters)).toContain('CRMID:1b WEB:1');
  });

  it('is no look at the links of a value that is blocked', async () => {
    const { costOf } = await given(shared, { blockedValues: blockedValues(['test']) });
    const { links } = await costOf({ key: linkKeyOf('CRMID:1', 'Email:test'), gone: true });
    expect(links).toBe(0);
  });

  it('is few questions, however many conflicts a page has', async () => {
    const logins = people.flatMap((person): Together[] => [
      [`CRMID:${person}`, `WEB:${person}`, 1],
      [`CRMID:${person}b`, `ECID:${person}`, 1],
    ]);
    const { graph, costOf, more } = await given(logins);
    const moves = people.map((person): Together => [`CRMID:${person}b`, `WEB:${person}`, 2]);
    expect((await costOf(...more(...moves))).calls).toBeLessThanOrEqual(12);
    expect(graph.clusters.filter(({ length }) => length === 3)).toHaveLength(people.length);
  });

  it('is that of its own component when a link falls behind another one of the same time', async () => {
    const { graph, costOf, keyed } = await given([
      ['CRMID:1', 'Email:1', 1],
      ['CRMID:2', 'Email:1', 1],
    ]);
    expect(sorted(graph.clusters)).toContain('CRMID:1 Email:1');
    // It went away and came back.
    const { links } = await costOf({ ...keyed(linkKeyOf('CRMID:1', 'Email:1')), seen: '000009' });
    expect(links).toBeLessThanOrEqual(6);
    expect(sorted(graph.clusters)).toContain('CRMID:2 Email:1');
  });
});
